package natsevents_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/lexigram-events/natsevents"
)

func TestOptions(t *testing.T) {
	if err := (natsevents.Options{}).Validate(); err != nil {
		t.Errorf("the zero value: %v", err)
	}
	for field, o := range map[string]natsevents.Options{
		"stream":          {Stream: "a.b"},
		"prefix":          {Prefix: "a.*"},
		"partitions":      {Partitions: 257},
		"replicas":        {Replicas: -1},
		"buffer":          {Buffer: -1},
		"window":          {Window: 1 << 21},
		"max_bytes":       {MaxBytes: -1},
		"max_age":         {MaxAge: time.Second},
		"dead_age":        {DeadAge: time.Second},
		"dedup_window":    {DedupWindow: time.Minute},
		"ack_wait":        {AckWait: time.Millisecond},
		"lease":           {Lease: time.Millisecond},
		"publish_timeout": {PublishTimeout: -1},
		"require":         {Require: "all"},
	} {
		if err := o.Validate(); !errors.Is(err, events.ErrInvalid) || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestConfig(t *testing.T) {
	url := config.NewSecret("nats://app:hunter2@a:4222,b:4222")
	good := natsevents.Config{URL: url}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for field, c := range map[string]natsevents.Config{
		"url":             {},
		"is not a URL":    {URL: config.NewSecret("nats://app:hunter2@%zz")},
		"cert":            {URL: url, Cert: "cert.pem"},
		"user":            {URL: url, User: "app", NKey: "app.nk"},
		"connect_timeout": {URL: url, ConnectTimeout: -1},
		"partitions":      {URL: url, Options: natsevents.Options{Partitions: -1}},
	} {
		err := c.Validate()
		if err == nil || !strings.Contains(err.Error(), field) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	c := natsevents.Config{URL: config.NewSecret("nats://app:hunter2@127.0.0.1:1"), NKey: ""}
	_, err := natsevents.Open(t.Context(), c)
	if !errors.Is(err, natsevents.ErrUnavailable) || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
	c.NKey = "/does/not/exist"
	if _, err := natsevents.Open(t.Context(), c); !errors.Is(err, events.ErrInvalid) {
		t.Error(err)
	}
}

// services is as much of a container as the module needs.
type services struct {
	regs   map[di.Key]di.Registration
	values map[di.Key]any
}

func (s *services) Register(r di.Registration) error {
	s.regs[r.Key] = r
	return nil
}

func (s *services) Resolve(ctx context.Context, key di.Key) (any, error) {
	if v, ok := s.values[key]; ok {
		return v, nil
	}
	v, err := s.regs[key].Build(ctx, s)
	if err == nil {
		s.values[key] = v
	}
	return v, err
}

func TestModule(t *testing.T) {
	m := natsevents.Module(natsevents.Config{Client: "c"})
	cfg := m.Config.(*natsevents.Config)
	if m.Name != "natsevents" || cfg.Client != "c" || cfg == natsevents.Module(natsevents.Config{}).Config {
		t.Errorf("%+v", m)
	}
	s := &services{regs: map[di.Key]di.Registration{}, values: map[di.Key]any{}}
	p := m.Providers[0]
	if err := p.Register(s); err != nil {
		t.Fatal(err)
	}
	for _, key := range m.Exports {
		if _, ok := s.regs[key]; !ok {
			t.Errorf("%v is exported and not registered", key)
		}
	}
	if p := p.(lifecycle.Prioritizer).Priority(); p != lifecycle.Critical {
		t.Errorf("priority %d", p)
	}
	// The section was decoded into Config after Module returned.
	cfg.URL = config.NewSecret("nats://app:hunter2@127.0.0.1:1")
	if err := p.(lifecycle.Booter).Boot(t.Context(), s); !errors.Is(err, natsevents.ErrUnavailable) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("boot without a server: %v", err)
	}
	for _, end := range []func(context.Context) error{p.(lifecycle.Drainer).Drain, p.(lifecycle.Stopper).Shutdown} {
		if err := end(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
