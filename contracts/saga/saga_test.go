package saga_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/saga"
)

func nothing(context.Context, *saga.Call) error { return nil }

func good() saga.Definition {
	return saga.Definition{Name: "checkout.v-2_x", Version: 1, On: []string{"orders.>"}, Steps: []saga.Step{
		{Name: "a", Do: nothing, Timeout: time.Second},
		{Name: "b", Await: []string{"x.*"}, Within: time.Hour},
		{Name: "c", Delay: time.Hour},
	}}
}

func TestCheck(t *testing.T) {
	if err := saga.Check(good()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*saga.Definition){
		"no name":         func(d *saga.Definition) { d.Name = "" },
		"capitals":        func(d *saga.Definition) { d.Name = "Checkout" },
		"slash":           func(d *saga.Definition) { d.Steps[0].Name = "a/b" },
		"long name":       func(d *saga.Definition) { d.Name = strings.Repeat("x", 101) },
		"version":         func(d *saga.Definition) { d.Version = 0 },
		"no steps":        func(d *saga.Definition) { d.Steps = nil },
		"twice":           func(d *saga.Definition) { d.Steps[1].Name = "a" },
		"does nothing":    func(d *saga.Definition) { d.Steps[0].Do = nil },
		"pattern of On":   func(d *saga.Definition) { d.On = []string{"a..b"} },
		"pattern":         func(d *saga.Definition) { d.Steps[1].Await = []string{""} },
		"within of none":  func(d *saga.Definition) { d.Steps[0].Within = 1 },
		"negative within": func(d *saga.Definition) { d.Steps[1].Within = -1 },
		"negative delay":  func(d *saga.Definition) { d.Steps[2].Delay = -1 },
		"timeout":         func(d *saga.Definition) { d.Steps[0].Timeout = -1 },
		"retry":           func(d *saga.Definition) { d.Steps[0].Retry = resilience.RetryConfig{MaxAttempts: -1} },
	} {
		d := good()
		spoil(&d)
		if err := saga.Check(d); !errors.Is(err, saga.ErrInvalid) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want ErrInvalid on one line", name, err)
		}
	}
}

func TestCheckID(t *testing.T) {
	for id, ok := range map[string]bool{
		"": false, "a": true, "a/b c": true, "日本": true, "a\n": false, "\x7f": false, "\xff": false,
		strings.Repeat("x", 255): true, strings.Repeat("x", 256): false,
	} {
		if err := saga.CheckID(id); (err == nil) != ok || !ok && !errors.Is(err, saga.ErrInvalid) {
			t.Errorf("%.20q: %v", id, err)
		}
	}
}

func TestSentinels(t *testing.T) {
	if !errors.Is(saga.ErrTimeout, context.DeadlineExceeded) || errs.KindOf(saga.ErrTimeout) != errs.Timeout {
		t.Error("ErrTimeout is no timeout")
	}
	for _, s := range []saga.Status{saga.Running, saga.Waiting, saga.Compensating} {
		if s.Final() {
			t.Errorf("%s is final", s)
		}
	}
}
