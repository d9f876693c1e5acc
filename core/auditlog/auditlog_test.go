package auditlog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/audit/audittest"
	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/core/auditlog"
	"github.com/lexigram/lexigram-go/core/keys"
)

var quiet = slog.New(slog.DiscardHandler)

func newKeys(t testing.TB, ids ...string) security.KeySource {
	t.Helper()
	ring, err := keys.FromSecret(config.NewSecret(strings.Repeat("0123456789abcdef", 2)), ids...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func newRecorder(t testing.TB, to audit.Appender, opts auditlog.Options) *auditlog.Recorder {
	t.Helper()
	if opts.Logger == nil {
		opts.Logger = quiet
	}
	r, err := auditlog.NewRecorder(to, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func all(t *testing.T, r audit.Reader) (list []audit.Entry) {
	t.Helper()
	for e, err := range r.Query(t.Context(), audit.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

func TestConformance(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		audittest.RunStore(t, func(*testing.T) audit.Store { return &auditlog.Memory{} })
	})
	for name, opts := range map[string]auditlog.Options{"plain": {}, "signed": {Keys: newKeys(t, "a")}} {
		t.Run(name, func(t *testing.T) {
			audittest.RunLogger(t, func(t *testing.T) audittest.Recorder {
				m := &auditlog.Memory{}
				return audittest.Recorder{Logger: newRecorder(t, m, opts), Reader: m}
			})
		})
	}
}

func TestMemoryIsBounded(t *testing.T) {
	m := &auditlog.Memory{Max: 2}
	r := newRecorder(t, m, auditlog.Options{})
	for range 2 {
		if err := r.Append(t.Context(), audit.Entry{Action: "a"}); err != nil {
			t.Fatal(err)
		}
	}
	err := r.Append(t.Context(), audit.Entry{Action: "a"})
	if !errors.Is(err, audit.ErrFull) || errs.KindOf(err) != errs.Exhausted || len(all(t, m)) != 2 {
		t.Errorf("Append to a full store = %v, and it has %d", err, len(all(t, m)))
	}
}

func TestRecorderFillsIn(t *testing.T) {
	var c clocktest.Fake
	m := &auditlog.Memory{}
	r := newRecorder(t, m, auditlog.Options{
		Source: "shop", Clock: &c, NewID: func() string { return "id" },
		Actor:       func(context.Context) string { return "user/7" },
		Correlation: func(context.Context) (string, string) { return "c", "m" },
		Retention: auditlog.Retention{
			Default: time.Hour, BySource: map[string]time.Duration{"shop": 2 * time.Hour}, BySeverity: map[audit.Severity]time.Duration{audit.Critical: 0},
		},
	})
	r.Log(tenancy.With(t.Context(), "acme"), audit.Entry{Action: "a"})
	got := all(t, m)[0]
	want := audit.Entry{
		ID: "id", Time: c.Now().Truncate(time.Microsecond), Action: "a", Actor: "user/7", Outcome: audit.Success, Severity: audit.Medium,
		Source: "shop", Tenant: "acme", CorrelationID: "c", CausationID: "m", Expires: c.Now().Add(2 * time.Hour).Truncate(time.Microsecond),
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	r.Log(t.Context(), audit.Entry{ID: "2", Action: "a", Severity: audit.Critical})
	r.Log(t.Context(), audit.Entry{ID: "3", Action: "a", Source: "other"})
	for _, e := range all(t, m) {
		if want := map[string]time.Duration{"id": 2 * time.Hour, "2": 0, "3": time.Hour}[e.ID]; want == 0 != e.Expires.IsZero() || want != 0 && e.Expires.Sub(e.Time) != want {
			t.Errorf("entry %s expires at %v", e.ID, e.Expires)
		}
	}
}

func TestRecorderHidesSecrets(t *testing.T) {
	const secret = "hunter2"
	m := &auditlog.Memory{}
	given := audit.Entry{
		Action: "a", Metadata: map[string]string{"api_key": secret, "url": "redis://u:" + secret + "@h", "ip": "10.0.0.1"},
		Old: json.RawMessage(`{"password":"hunter2","n":12345678901234567890,"list":[{"token":"hunter2"},"x://a:hunter2@h"]}`),
		New: json.RawMessage(`{"client_secret":{"deep":"hunter2"},"role":"<admin>"}`),
	}
	newRecorder(t, m, auditlog.Options{}).Log(t.Context(), given)
	e := all(t, m)[0]
	text := fmt.Sprintf("%v %s %s", e.Metadata, e.Old, e.New)
	if strings.Contains(text, secret) {
		t.Errorf("the secret shows: %s", text)
	}
	for _, kept := range []string{"10.0.0.1", "12345678901234567890", "<admin>", "redis://u:***@h"} {
		if !strings.Contains(text, kept) {
			t.Errorf("%s is gone: %s", kept, text)
		}
	}
	if given.Metadata["api_key"] != secret || !strings.Contains(string(given.Old), secret) {
		t.Error("the caller's entry was changed")
	}
}

// failing is an appender that fails, or panics, now and then.
type failing struct {
	audit.Appender
	err func() error
}

func (f failing) Append(ctx context.Context, e audit.Entry) error {
	if err := f.err(); err != nil {
		return err
	}
	return f.Appender.Append(ctx, e)
}

func TestRecorderReportsWhatIsLost(t *testing.T) {
	var out bytes.Buffer
	down := errs.New("X", errs.Unavailable, "disk full")
	for name, err := range map[string]func() error{"error": func() error { return down }, "panic": func() error { panic("boom") }} {
		out.Reset()
		r := newRecorder(t, failing{&auditlog.Memory{}, err}, auditlog.Options{
			Keys: newKeys(t, "a"), Logger: slog.New(slog.NewTextHandler(&out, nil)), NewID: func() string { return "id-7" },
		})
		r.Log(t.Context(), audit.Entry{Action: "user.update", Actor: "user/7"})
		for _, want := range []string{"level=ERROR", "id-7", "user.update", "user/7"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: the log lacks %s: %s", name, want, &out)
			}
		}
		if err := r.Append(t.Context(), audit.Entry{Action: "a"}); err == nil || !errors.Is(err, audit.Err) {
			t.Errorf("%s: Append = %v", name, err)
		}
	}
	bad := newRecorder(t, &auditlog.Memory{}, auditlog.Options{Actor: func(context.Context) string { panic("boom") }})
	bad.Log(t.Context(), audit.Entry{Action: "a"})
	for _, opts := range []auditlog.Options{{Timeout: -1}, {Retention: auditlog.Retention{BySource: map[string]time.Duration{"a": -1}}}} {
		if _, err := auditlog.NewRecorder(&auditlog.Memory{}, opts); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%+v: %v", opts, err)
		}
	}
	if _, err := auditlog.NewRecorder(nil, auditlog.Options{}); !errors.Is(err, audit.Err) {
		t.Errorf("no store: %v", err)
	}
}

// stuck is a store that waits for its context.
type stuck struct{}

func (stuck) Append(ctx context.Context, _ audit.Entry) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestRecorderDoesNotQueueForEver: who waits for others waits no longer than the timeout.
func TestRecorderDoesNotQueueForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder(t, stuck{}, auditlog.Options{Keys: newKeys(t, "a"), Timeout: time.Second})
		start := time.Now()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { r.Log(t.Context(), audit.Entry{Action: "a"}) })
		}
		wg.Wait()
		if took := time.Since(start); took != time.Second {
			t.Errorf("20 calls took %v, want 1s", took)
		}
	})
}

// fixed is a reader of entries that somebody has changed.
type fixed []audit.Entry

func (f fixed) Query(ctx context.Context, q audit.Query) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		for _, e := range f {
			if q.Matches(e) && !yield(e, nil) {
				return
			}
		}
	}
}

func TestVerifier(t *testing.T) {
	var c clocktest.Fake
	m := &auditlog.Memory{}
	source := newKeys(t, "b", "a")
	r := newRecorder(t, m, auditlog.Options{Keys: source, Clock: &c})
	for i := range 6 {
		r.Log(t.Context(), audit.Entry{
			ID: fmt.Sprint(i), Action: "a", Actor: "b", Metadata: map[string]string{"k": "v"}, Old: json.RawMessage(`{"x":1,"y":2}`),
			PayloadHash: []byte{1}, PayloadSize: 3,
		})
	}
	good := all(t, m) // 5 to 0
	v, err := auditlog.NewVerifier(source)
	if err != nil {
		t.Fatal(err)
	}
	check := func(name string, entries []audit.Entry, want ...string) {
		t.Helper()
		found, err := v.Verify(t.Context(), fixed(entries), audit.Query{})
		got := []string{}
		for _, f := range found {
			got = append(got, f.Entry.ID+" "+string(f.Problem))
		}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: found %q, %v, want %q", name, got, err, want)
		}
	}
	change := func(i int, fn func(e *audit.Entry)) []audit.Entry {
		entries := append([]audit.Entry(nil), good...)
		fn(&entries[i])
		return entries
	}
	without := func(i int) []audit.Entry { return append(append([]audit.Entry(nil), good[:i]...), good[i+1:]...) }

	check("untouched", good)
	check("spelt otherwise", change(2, func(e *audit.Entry) { e.Old = json.RawMessage(` {"y": 2, "x": 1}`) }))
	for name, fn := range map[string]func(e *audit.Entry){
		"action": func(e *audit.Entry) { e.Action = "x" }, "actor": func(e *audit.Entry) { e.Actor = "x" }, "outcome": func(e *audit.Entry) { e.Outcome = audit.Failure },
		"severity": func(e *audit.Entry) { e.Severity = audit.Low }, "resource": func(e *audit.Entry) { e.ResourceType = "x" }, "resource id": func(e *audit.Entry) { e.ResourceID = "x" },
		"source": func(e *audit.Entry) { e.Source = "x" }, "tenant": func(e *audit.Entry) { e.Tenant = "x" }, "correlation": func(e *audit.Entry) { e.CorrelationID = "x" },
		"causation": func(e *audit.Entry) { e.CausationID = "x" }, "metadata": func(e *audit.Entry) { e.Metadata = map[string]string{"k": "w"} },
		"no metadata": func(e *audit.Entry) { e.Metadata = nil }, "old": func(e *audit.Entry) { e.Old = json.RawMessage(`{"x":1}`) }, "new": func(e *audit.Entry) { e.New = json.RawMessage(`{}`) },
		"hash": func(e *audit.Entry) { e.PayloadHash = []byte{2} }, "size": func(e *audit.Entry) { e.PayloadSize = 4 }, "expires": func(e *audit.Entry) { e.Expires = c.Now() },
	} {
		check(name, change(2, fn), "3 changed")
	}
	check("unsigned", change(0, func(e *audit.Entry) { e.Checksum = "" }), "5 unsigned")
	check("a key that is not there", change(0, func(e *audit.Entry) { e.Checksum = "v1:zzz:00" }), "5 no key")
	check("another version", change(0, func(e *audit.Entry) { e.Checksum = "v2:a:00" }), "5 no key")
	check("garbage", change(0, func(e *audit.Entry) { e.Checksum = ":::" }), "5 no key")
	check("removed in the middle", without(3), "3 removed")
	check("the beginning expired", good[:3])
	check("resealed with another chain's link", change(3, func(e *audit.Entry) { *e = good[0]; e.ID, e.Time = "2", good[3].Time }), "3 forked", "2 changed", "2 removed")

	// A store that failed, and what was lost with it, is no gap; neither is another process, nor what is imported.
	failNext := true
	r = newRecorder(t, failing{m, func() error {
		if failNext = !failNext; failNext {
			return errors.New("down")
		}
		return nil
	}}, auditlog.Options{Keys: source, Clock: &c, Retention: auditlog.Retention{BySeverity: map[audit.Severity]time.Duration{audit.Low: time.Minute}}})
	for i := range 12 {
		e := audit.Entry{Action: "b"}
		if i%3 == 0 {
			e.Severity = audit.Low
		}
		if i%5 == 0 {
			e.Time = c.Now().Add(-time.Hour)
		}
		r.Log(t.Context(), e)
	}
	for r.Append(t.Context(), audit.Entry{Action: "c"}) != nil { // every second time
	}
	check("after failures", all(t, m))
	c.Advance(time.Hour)
	if n, err := m.DeleteExpired(t.Context(), c.Now()); err != nil || n == 0 {
		t.Fatalf("DeleteExpired = %d, %v", n, err)
	}
	check("after what was kept for a minute expired", all(t, m))

	if found, err := v.Verify(t.Context(), fixed(without(3)), audit.Query{Actor: "b"}); err != nil || len(found) != 0 {
		t.Errorf("a query that picks entries found %v, %v", found, err)
	}
}

// TestChecksumIsStable pins the format: entries have to verify for ever.
func TestChecksumIsStable(t *testing.T) {
	m := &auditlog.Memory{}
	r := newRecorder(t, m, auditlog.Options{Keys: newKeys(t, "a")})
	err := r.Append(t.Context(), audit.Entry{
		ID: "1", Time: time.Unix(0, 0), Action: "user.update", Actor: "user/7", Metadata: map[string]string{"b": "<2>", "a": "1"}, New: json.RawMessage(`{"z":1.50,"a":"ä"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := all(t, m)[0].Checksum; got != golden {
		t.Errorf("the checksum is %s, want %s", got, golden)
	}
}

// made by other means of
// {"action":"user.update","actor_id":"user/7","entry_schema_version":"v1","id":"1","metadata":{"a":"1","b":"<2>"},
// "new_values":{"a":"ä","z":1.50},"occurred_at":"1970-01-01T00:00:00.000000Z","outcome":"success","severity":"medium"}
const golden = "v1:a:49cf906b31d0940163a8f2a73ef437bd35a6d4f6d1a6d724729b1d2cbdd0f750"

func TestSink(t *testing.T) {
	var out bytes.Buffer
	s, err := auditlog.NewSink(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelError}))
	if err != nil {
		t.Fatal(err)
	}
	newRecorder(t, s, auditlog.Options{Keys: newKeys(t, "a"), Retention: auditlog.Retention{Default: time.Hour}}).Log(t.Context(), audit.Entry{
		Action: "a", Actor: "b", Severity: audit.High, Metadata: map[string]string{"k": "v"}, New: json.RawMessage(`{"x":1}`), PayloadHash: []byte{1},
	})
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"msg": "audit", "level": "WARN", "action": "a", "actor": "b", "severity": "high", "seq": 1.0, "new": `{"x":1}`} {
		if line[key] != want {
			t.Errorf("%s is %v, want %v: %s", key, line[key], want, &out)
		}
	}
	if _, err := auditlog.NewSink(nil); !errors.Is(err, audit.Err) {
		t.Errorf("no handler: %v", err)
	}
	broken, err := auditlog.NewSink(handler{})
	if err != nil {
		t.Fatal(err)
	}
	if err := newRecorder(t, broken, auditlog.Options{}).Append(t.Context(), audit.Entry{Action: "a"}); !errors.Is(err, errDisk) {
		t.Errorf("a handler that fails: %v", err)
	}
}

var errDisk = errors.New("disk full")

type handler struct{ slog.Handler }

func (handler) Handle(context.Context, slog.Record) error { return errDisk }
