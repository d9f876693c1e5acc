package erasure_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/eventstore/eventstoretest"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-events/erasure"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryeventstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// entries is a state.Swapper of few lines.
type entries struct {
	mu   sync.Mutex
	m    map[string][]byte
	gets int
	fail error
}

func newEntries() *entries { return &entries{m: map[string][]byte{}} }

func (e *entries) Get(_ context.Context, key string) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.gets++
	if b, ok := e.m[key]; ok || e.fail != nil {
		return bytes.Clone(b), e.fail
	}
	return nil, state.ErrNotFound
}

func (e *entries) Set(_ context.Context, key string, value []byte, _ time.Duration) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.m[key] = value
	return e.fail
}

func (e *entries) Delete(_ context.Context, key string) (bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, ok := e.m[key]
	if e.fail == nil {
		delete(e.m, key)
	}
	return ok, e.fail
}

func (e *entries) Create(_ context.Context, key string, value []byte, ttl time.Duration) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.m[key]; ok {
		return state.ErrChanged
	}
	if ttl == state.Permanent {
		e.m[key] = value
	}
	return e.fail
}

func (e *entries) Swap(context.Context, string, []byte, []byte, time.Duration) error {
	return errors.ErrUnsupported
}
func (e *entries) Remove(context.Context, string, []byte) error { return errors.ErrUnsupported }

// sealer is a security.Sealer of few lines; an application has core/keys.
type sealer struct{ aead cipher.AEAD }

func newSealer(t testing.TB, key string) sealer {
	t.Helper()
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	return sealer{aead}
}

func (s sealer) Seal(_ context.Context, purpose string, plain []byte) ([]byte, error) {
	return s.aead.Seal(nil, nil, plain, []byte(purpose)), nil
}

func (s sealer) Open(_ context.Context, purpose string, sealed []byte) ([]byte, error) {
	plain, err := s.aead.Open(nil, nil, sealed, []byte(purpose))
	if err != nil {
		return nil, security.ErrOpen.Wrap(nil, "open")
	}
	return plain, nil
}

func byStream(stream string, _ events.Event) string { return stream }

func options(t testing.TB, keys state.Store) erasure.Options {
	return erasure.Options{Keys: keys, Master: newSealer(t, "0123456789abcdef"), Subject: byStream}
}

func open(t *testing.T, log eventstore.Log, o erasure.Options) *erasure.Store {
	t.Helper()
	s, err := erasure.New(log, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	eventstoretest.Run(t, func(t *testing.T) eventstore.Log {
		return open(t, memoryeventstore.New(), options(t, newEntries()))
	})
}

func secret() events.Event {
	ev := events.New("/shop", "shop.customer.moved", []byte("12 Baker Street"))
	ev.Format, ev.Headers = "text/plain", map[string]string{"tenant": "t"}
	return ev
}

func add(t *testing.T, s eventstore.Store, stream string, evs ...events.Event) {
	t.Helper()
	if _, err := s.Append(t.Context(), stream, eventstore.Any, evs...); err != nil {
		t.Fatal(err)
	}
}

func all(t *testing.T, s eventstore.Log) (recs []eventstore.Recorded) {
	t.Helper()
	for rec, err := range s.ReadAll(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		recs = append(recs, rec)
	}
	return recs
}

func TestErase(t *testing.T) {
	log, keys := memoryeventstore.New(), newEntries()
	s, elsewhere := open(t, log, options(t, keys)), open(t, log, options(t, keys))
	given := secret()
	add(t, s, "c1", given, secret())
	add(t, s, "c2", secret())
	if given.Format != "text/plain" || len(given.Headers) != 1 {
		t.Errorf("the caller's event was changed: %+v", given)
	}
	for _, rec := range all(t, log) {
		if rec.Format != erasure.FormatSealed || bytes.Contains(rec.Data, []byte("Baker")) || rec.Headers[erasure.HeaderSubject] != rec.Stream {
			t.Errorf("stored: %+v", rec)
		}
	}
	for name, b := range keys.m {
		if len(b) < 58 {
			t.Errorf("key %s is %d bytes", name, len(b))
		}
	}
	if rec := all(t, elsewhere)[0]; string(rec.Data) != "12 Baker Street" || rec.Format != "text/plain" || !maps.Equal(rec.Headers, given.Headers) {
		t.Errorf("opened: %+v", rec)
	}
	if existed, err := s.Erase(t.Context(), "c1"); err != nil || !existed {
		t.Fatalf("Erase = %v, %v", existed, err)
	}
	if existed, err := s.Erase(t.Context(), "c1"); err != nil || existed {
		t.Errorf("Erase again = %v, %v", existed, err)
	}
	add(t, s, "c1", secret()) // of a subject that came back
	got := all(t, s)
	for i, want := range []bool{true, true, false, false} {
		rec := got[i]
		if erasure.Erased(rec.Event) != want {
			t.Errorf("event %d is erased: %v, want %v", i, !want, want)
		}
		if want && (rec.Data != nil || rec.Headers[erasure.HeaderSubject] != "c1" || rec.Headers["tenant"] != "t" || len(rec.Headers) != 2 || rec.Type != given.Type || rec.Version != eventstore.Version(i+1)) {
			t.Errorf("tombstone %+v", rec)
		}
		if !want && string(rec.Data) != "12 Baker Street" {
			t.Errorf("event %d: %+v", i, rec)
		}
	}
	var n int
	for rec, err := range s.Read(t.Context(), "c1", 0) {
		if n++; err != nil || erasure.Erased(rec.Event) != (n <= 2) {
			t.Errorf("Read: %+v, %v", rec, err)
		}
	}
}

func TestCache(t *testing.T) {
	clock := new(clocktest.Fake)
	log, keys := memoryeventstore.New(), newEntries()
	o := options(t, keys)
	o.CacheFor, o.Clock = time.Minute, clock
	s, elsewhere := open(t, log, o), open(t, log, o)
	add(t, s, "c1", secret(), secret())
	erased := func(s *erasure.Store) bool { return erasure.Erased(all(t, s)[1].Event) }
	if erased(elsewhere) {
		t.Fatal("erased early")
	}
	before := keys.gets
	erased(elsewhere)
	if keys.gets != before {
		t.Error("a cached key is asked for")
	}
	if _, err := s.Erase(t.Context(), "c1"); err != nil {
		t.Fatal(err)
	}
	if !erased(s) || erased(elsewhere) {
		t.Error("not erased here at once, or elsewhere before its cache is old")
	}
	clock.Advance(time.Minute)
	if before = keys.gets; !erased(elsewhere) || keys.gets != before+1 {
		t.Errorf("elsewhere, %d looks for a key that is gone", keys.gets-before)
	}
	o.CacheFor = -1
	uncached := open(t, log, o)
	if before = keys.gets; !erased(uncached) || keys.gets != before+2 {
		t.Errorf("without a cache, %d looks", keys.gets-before)
	}
}

func TestSubjectsAreLeftAlone(t *testing.T) {
	log := memoryeventstore.New()
	o := options(t, newEntries())
	o.Subject = func(string, events.Event) string { return "" }
	s := open(t, log, o)
	add(t, s, "a", secret())
	add(t, log, "a", secret()) // before the store was sealed
	for _, recs := range [][]eventstore.Recorded{all(t, log), all(t, s)} {
		for _, rec := range recs {
			if string(rec.Data) != "12 Baker Street" || rec.Format != "text/plain" {
				t.Errorf("%+v", rec)
			}
		}
	}
}

func TestTampering(t *testing.T) {
	log, keys := memoryeventstore.New(), newEntries()
	s := open(t, log, options(t, keys))
	add(t, s, "c1", secret())
	add(t, s, "c2", secret())
	recs := all(t, log)
	for name, spoil := range map[string]func(*events.Event){
		"changed":           func(ev *events.Event) { ev.Data = append(bytes.Clone(ev.Data), 0) },
		"cut":               func(ev *events.Event) { ev.Data = ev.Data[:5] },
		"of another event":  func(ev *events.Event) { ev.ID = "other" },
		"of another source": func(ev *events.Event) { ev.Source = "other" },
		"elsewhere":         func(*events.Event) {}, // the stream is another one
	} {
		other := memoryeventstore.New()
		ev := recs[0].Event
		spoil(&ev)
		stream := "c1"
		if name == "elsewhere" {
			stream = "c3"
		}
		add(t, other, stream, ev)
		for _, err := range open(t, other, options(t, keys)).Read(t.Context(), stream, 0) {
			if !errors.Is(err, security.ErrOpen) {
				t.Errorf("%s: %v, want ErrOpen", name, err)
			}
		}
	}
}

// What cannot be known is an error, and never a tombstone.
func TestKeysThatCannotBeRead(t *testing.T) {
	log, keys := memoryeventstore.New(), newEntries()
	add(t, open(t, log, options(t, keys)), "c1", secret())
	boom := errors.New("boom")
	down := &entries{m: keys.m, fail: boom}
	o := options(t, keys)
	o.Master = newSealer(t, "another master 1")
	short := newEntries()
	sealed, err := newSealer(t, "0123456789abcdef").Seal(t.Context(), "erasure/c1", []byte("short"))
	if err != nil {
		t.Fatal(err)
	}
	short.m["erasure/c1"] = sealed
	for name, c := range map[string]struct {
		s    *erasure.Store
		want error
	}{
		"keys are down":  {open(t, log, options(t, down)), boom},
		"another master": {open(t, log, o), security.ErrOpen},
		"no key":         {open(t, log, options(t, short)), security.ErrKey},
	} {
		for rec, err := range c.s.ReadAll(t.Context(), "") {
			if !errors.Is(err, c.want) {
				t.Errorf("%s: %+v, %v, want %v", name, rec, err, c.want)
			}
		}
		if _, err := c.s.Append(t.Context(), "c1", eventstore.Any, secret()); !errors.Is(err, c.want) {
			t.Errorf("%s: Append = %v, want %v", name, err, c.want)
		}
	}
	if _, err := open(t, log, options(t, down)).Erase(t.Context(), "c1"); !errors.Is(err, boom) {
		t.Errorf("Erase = %v, want boom", err)
	}
}

func TestRefuses(t *testing.T) {
	log := memoryeventstore.New()
	s := open(t, log, options(t, newEntries()))
	for name, spoil := range map[string]func(*events.Event){
		"header":      func(ev *events.Event) { ev.Headers = map[string]string{erasure.HeaderSubject: "x"} },
		"sealed":      func(ev *events.Event) { ev.Format = erasure.FormatSealed },
		"a tombstone": func(ev *events.Event) { ev.Format = erasure.FormatErased },
	} {
		ev := secret()
		spoil(&ev)
		if _, err := s.Append(t.Context(), "a", eventstore.Any, secret(), ev); !errors.Is(err, eventstore.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	o := options(t, newEntries())
	o.Subject = func(string, events.Event) string { return "a\n" }
	if _, err := open(t, log, o).Append(t.Context(), "a", eventstore.Any, secret()); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("subject of two lines: %v", err)
	}
	if _, err := s.Erase(t.Context(), ""); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("Erase of nobody: %v", err)
	}
	if n := len(all(t, log)); n != 0 {
		t.Errorf("%d events were appended of refused calls", n)
	}
	_, err := erasure.New(nil, erasure.Options{Keys: single{}})
	for _, says := range []string{"log is nil", "Keys must be a state.Swapper", "Master is nil", "Subject is nil"} {
		if !errors.Is(err, eventstore.ErrInvalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("New: %v, want one that says %q", err, says)
		}
	}
}

// single is a state.Store that is no Swapper.
type single struct{ state.Store }

// Several that seal for a new subject at a time use one key.
func TestNewSubjectConcurrentSafe(t *testing.T) {
	log, keys := memoryeventstore.New(), newEntries()
	var wg sync.WaitGroup
	for range 16 {
		s := open(t, log, options(t, keys)) // each a process of its own
		wg.Go(func() { add(t, s, "c1", secret()) })
	}
	wg.Wait()
	for _, rec := range all(t, open(t, log, options(t, keys))) {
		if erasure.Erased(rec.Event) {
			t.Errorf("version %d cannot be read", rec.Version)
		}
	}
}
