package boot_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/core/boot"
)

// slowStart is an application whose critical path is early, quick, slow: what
// takes the longest alone is not on it.
func slowStart(o boot.Options) *boot.App {
	return app(o, &diary{},
		&fake{name: "early", wave: lifecycle.Critical + 1, boot: waits(2 * time.Second)},
		&fake{name: "brief", wave: lifecycle.Critical + 1, boot: waits(time.Second)},
		&fake{name: "quick", boot: waits(3 * time.Second)},
		&fake{name: "alone", boot: waits(7 * time.Second)},
		&fake{name: "slow", needs: []string{"quick"}, boot: waits(5 * time.Second)},
		&fake{name: "extra", optional: true, boot: fails(errBroken)},
		&fake{name: "late", wave: lifecycle.Low, bootstrap: waits(4 * time.Second)},
	)
}

func TestReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := slowStart(boot.Options{})
		if r := a.Report(); r.Took != 0 || r.Phases != nil || r.Hooks != nil {
			t.Errorf("before Start: %+v", r)
		}
		must(t, a.Start(t.Context()))
		r := a.Report()
		if r.Took != 14*time.Second || len(r.Phases) != 6 || r.Phases[2] != (boot.Phase{Name: "boot", Took: 10 * time.Second}) {
			t.Errorf("took %v: %v", r.Took, r.Phases)
		}
		var path []string
		for _, h := range r.Critical {
			path = append(path, h.String())
		}
		if got := strings.Join(path, ", "); got != "early/early boot 2s, quick/quick boot 3s, slow/slow boot 5s, late/late boot 0s" {
			t.Errorf("the critical path is %s", got)
		}
		if h := r.Critical[2]; h.Began != 5*time.Second {
			t.Errorf("slow began after %v", h.Began)
		}
		if len(r.Hooks) != 13 || r.Hooks[0].Provider != "alone" || r.Hooks[2].Hook != boot.Bootstrap {
			t.Errorf("the hooks are %v", r.Hooks)
		}
		must(t, a.Stop(t.Context()))
		if again := a.Report(); again.Took != r.Took || len(again.Phases) != 6 {
			t.Errorf("after Stop: %+v", again)
		}
	})
}

func TestReportAsText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := slowStart(boot.Options{})
		must(t, a.Start(t.Context()))
		text := a.Report().String()
		for _, line := range []string{"start took 14s", "  boot 10s", "critical path", "  quick/quick boot 3s", "slowest hooks", "  alone/alone boot 7s"} {
			if !strings.Contains(text, line+"\n") {
				t.Errorf("the text lacks %q:\n%s", line, text)
			}
		}
		data, err := json.Marshal(a.Report())
		must(t, err, a.Stop(t.Context()))
		for _, part := range []string{
			`{"took_ns":14000000000,"phases":[{"name":"configure","took_ns":`,
			`{"module":"alone","provider":"alone","hook":"boot","began_ns":2000000000,"took_ns":7000000000}`,
			`"error":"boot: module \"extra\", provider \"extra\": boot: broken"`, `"critical":[{"module":"early"`,
		} {
			if !strings.Contains(string(data), part) {
				t.Errorf("the JSON lacks %s:\n%s", part, data)
			}
		}
		var back boot.Report
		must(t, json.Unmarshal(data, &back))
		if back.Took != 14*time.Second || len(back.Critical) != 4 {
			t.Errorf("came back as %+v", back)
		}
	})
}

func TestReportOfFailedStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := app(boot.Options{}, &diary{}, &fake{name: "a", boot: waits(time.Second)}, &fake{name: "b", needs: []string{"a"}, boot: fails(errBroken)})
		problem(t, a.Start(t.Context()), errBroken)
		r := a.Report()
		if r.Took != time.Second || len(r.Hooks) != 2 || len(r.Critical) != 2 || !strings.HasSuffix(r.Critical[1].String(), "b/b boot 0s FAILED") {
			t.Errorf("got %+v", r)
		}
		if text := r.String(); !strings.Contains(text, `b/b boot 0s FAILED: boot: module "b", provider "b": boot: broken`) {
			t.Error(text)
		}
	})
}

func TestReportInLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		a := slowStart(boot.Options{Logger: slog.New(slog.NewTextHandler(&text, nil))})
		must(t, a.Start(t.Context()), a.Stop(t.Context()))
		line := `msg="boot: ready" modules=7 providers=7 took=14s slowest="alone/alone boot 7s" critical="early/early boot 2s -> quick/quick boot 3s -> slow/slow boot 5s -> late/late boot 0s"`
		if !strings.Contains(text.String(), line) {
			t.Errorf("the log lacks %s:\n%s", line, &text)
		}
	})
}

// A report may be asked for at any time.
func TestReportConcurrentSafe(t *testing.T) {
	var a *boot.App
	ask := func(context.Context) error {
		if r := a.Report(); r.Hooks != nil {
			t.Errorf("while it starts: %+v", r)
		}
		return nil
	}
	a = app(boot.Options{}, &diary{}, &fake{name: "a", boot: ask}, &fake{name: "b", boot: ask, bootstrap: ask})
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				_ = a.Report().String()
			}
		}
	}()
	must(t, a.Start(t.Context()), a.Stop(t.Context()))
	close(stop)
	<-done
}
