package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/knadh/koanf/v2"
	"github.com/spf13/viper"

	"github.com/lexigram/lexigram-go/core/configfile"
)

const (
	settingKey   = "cache.redis.addr"
	settingValue = "127.0.0.1:6379"
)

var errWrongSetting = errors.New("bench: the configuration returned something else")

func configRow() row {
	return row{
		name: "config: read one setting",
		work: "read a string three levels deep of a configuration of 100 sections with 10 settings each, loaded before and open to reloads",
		goal: "0 allocs",
		met: func(r result) bool {
			return r.ours().Allocs < 0.01 && r.peer("configfile, a decoded section").Allocs < 0.01
		},
		sides: []side{
			{"core/configfile", startLookup},
			{"configfile, a decoded section", startFollow},
			{"koanf", startKoanf},
			{"viper", startViper},
		},
	}
}

// settings returns what every side is loaded with.
func settings() map[string]any {
	all := map[string]any{"cache": map[string]any{"redis": map[string]any{"addr": settingValue}}}
	for i := range 99 {
		section := map[string]any{}
		for j := range 10 {
			section[fmt.Sprintf("setting%d", j)] = fmt.Sprint(i, j)
		}
		all[fmt.Sprintf("section%d", i)] = section
	}
	return all
}

func startReloader(ctx context.Context) (*configfile.Reloader, error) {
	return configfile.NewReloader(ctx, configfile.ReloadOptions{Load: configfile.Options{Defaults: settings(), Environ: []string{}}})
}

func startLookup(ctx context.Context) (worker, error) {
	r, err := startReloader(ctx)
	return worker{ops: each(func(context.Context) error {
		v, _ := r.Current().Lookup(settingKey)
		s, _ := v.(string)
		return isSetting(s)
	})}, err
}

func startFollow(ctx context.Context) (worker, error) {
	r, err := startReloader(ctx)
	if err != nil {
		return worker{}, err
	}
	type cache struct {
		Redis struct{ Addr string }
	}
	live, err := configfile.Follow(ctx, r, "cache", cache{})
	return worker{ops: each(func(context.Context) error { return isSetting(live.Get().Redis.Addr) })}, err
}

// given is a koanf.Provider of settings.
type given struct{}

func (given) ReadBytes() ([]byte, error)    { return nil, errors.ErrUnsupported }
func (given) Read() (map[string]any, error) { return settings(), nil }

func startKoanf(context.Context) (worker, error) {
	k := koanf.New(".")
	err := k.Load(given{}, nil)
	return worker{ops: each(func(context.Context) error { return isSetting(k.String(settingKey)) })}, err
}

func startViper(context.Context) (worker, error) {
	v := viper.New()
	err := v.MergeConfigMap(settings())
	return worker{ops: each(func(context.Context) error { return isSetting(v.GetString(settingKey)) })}, err
}

func isSetting(s string) error {
	if s != settingValue {
		return errWrongSetting
	}
	return nil
}
