package boot_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/configfile"
)

type settings struct {
	Size int
}

// configured returns a module whose one service is its settings' size.
func configured(name string) module.Descriptor {
	cfg := &settings{Size: 7}
	f := &fake{name: name, diary: &diary{}, wave: lifecycle.Normal, register: func(r di.Registrar) error { return di.Value(r, cfg.Size) }}
	return module.Descriptor{Name: name, Providers: []lifecycle.Provider{f}, Exports: []di.Key{di.KeyOf[int]()}, Config: cfg}
}

func tree(t *testing.T, values map[string]any) config.Config {
	t.Helper()
	c, err := configfile.Load(t.Context(), configfile.Options{Overrides: values, Environ: []string{}})
	must(t, err)
	return c
}

func size(t *testing.T, values map[string]any, modules ...module.Descriptor) int {
	t.Helper()
	a := boot.New(boot.Options{Config: tree(t, values)}).Add(modules...)
	must(t, a.Start(t.Context()))
	defer func() { must(t, a.Stop(t.Context())) }()
	n, err := di.Get[int](t.Context(), a)
	must(t, err)
	return n
}

func TestConfig(t *testing.T) {
	if n := size(t, nil, configured("box")); n != 7 {
		t.Errorf("the default is %d", n)
	}
	if n := size(t, map[string]any{"box.size": 3}, configured("box")); n != 3 {
		t.Errorf("the setting is %d", n)
	}
}

func TestChoose(t *testing.T) {
	choice := func() module.Descriptor { return boot.Choose("box", configured("small"), configured("large")) }
	moduletest.Run(t, choice)
	for want, values := range map[int]map[string]any{
		7: nil, // the first, with its defaults
		1: {"box.small.size": 1, "box.large.size": 9},
		9: {"box.backend": "large", "box.small.size": 1, "box.large.size": 9, "box.small.unknown": "ignored"},
	} {
		if n := size(t, values, choice()); n != want {
			t.Errorf("%v: %d, want %d", values, n, want)
		}
	}
}

func TestNestedChoice(t *testing.T) {
	nested := boot.Choose("box", configured("plain"), boot.Choose("big", configured("small"), configured("large")))
	n := size(t, map[string]any{"box.backend": "big", "box.big.backend": "large", "box.big.large.size": 5}, nested)
	if n != 5 {
		t.Errorf("got %d", n)
	}
}

func TestChooseExportsWhatAllHave(t *testing.T) {
	a, b := configured("a"), configured("b")
	a.Exports = append(a.Exports, di.KeyOf[string]())
	if got := boot.Choose("x", a, b).Exports; !slices.Equal(got, b.Exports) {
		t.Errorf("got %v", got)
	}
}

func TestConfigProblemsAtOnce(t *testing.T) {
	plain := configured("plain")
	plain.Config = nil
	a := boot.New(boot.Options{Config: tree(t, map[string]any{
		"bx.size":         1,         // no such module
		"box.sise":        1,         // no such key
		"cache.backend":   "lagre",   // no such candidate
		"store.memmory.x": 1,         // neither a candidate nor a key
		"plain.any":       1,         // a module without configuration
		"environment":     "staging", // is the loader's own
	})}).Add(configured("box"), plain,
		boot.Choose("cache", configured("small"), configured("large")),
		boot.Choose("store", configured("memory"), configured("disk")))
	err := a.Start(t.Context())
	problem(t, err, config.ErrUnknown, "bx: ", `(did you mean "box"?)`, "box.sise: ",
		"store.memmory", "valid here are backend, disk, memory", `(did you mean "memory"?)`,
		"plain.any: ", `module "plain" has no configuration`)
	problem(t, err, config.ErrValue, `cache.backend: "lagre" is not one of large, small (did you mean "large"?)`)
	if _, ok := errors.AsType[*config.KeyError](err); !ok {
		t.Errorf("%T holds no KeyError", err)
	}
}

func TestInvalidModules(t *testing.T) {
	for name, modules := range map[string][]module.Descriptor{
		"bad name":         {configured("Box")},
		"no name":          {configured("")},
		"name twice":       {configured("box"), configured("box")},
		"empty choice":     {boot.Choose("box")},
		"same candidates":  {boot.Choose("box", configured("a"), configured("a"))},
		"backend":          {boot.Choose("box", configured("backend"))},
		"choice of a name": {boot.Choose("box", configured("A"))},
		"nil provider":     {{Name: "box", Providers: []lifecycle.Provider{nil}}},
	} {
		t.Run(name, func(t *testing.T) {
			problem(t, boot.New(boot.Options{}).Add(modules...).Start(t.Context()), boot.ErrModule)
		})
	}
}
