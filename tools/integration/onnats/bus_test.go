package onnats

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/lexigram-events/natsevents"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A record is what a handler got.
type record struct {
	mu  sync.Mutex
	all []events.Event
}

func (r *record) handle(_ context.Context, ev events.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, ev)
	return nil
}

func (r *record) data() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, ev := range r.all {
		all = append(all, string(ev.Data))
	}
	return all
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("%s: not in time", what)
		}
	}
}

func letters(t *testing.T, b *natsevents.Bus, group string) []natsevents.DeadLetter {
	t.Helper()
	var all []natsevents.DeadLetter
	for d, err := range b.DeadLetters(t.Context(), group) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

func subscribe(t *testing.T, b *natsevents.Bus, group string, h events.Handler, retry events.Retry) events.Consumer {
	t.Helper()
	c, err := b.Subscribe(t.Context(), events.Subscription{Types: []string{"a.>"}, Group: group, Retry: retry}, h)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func publish(t *testing.T, b *natsevents.Bus, evs ...events.Event) {
	t.Helper()
	if err := b.Publish(t.Context(), evs...); err != nil {
		t.Fatal(err)
	}
}

// A dead letter says why, and goes back to its group alone.
func TestDeadLetters(t *testing.T) {
	b := open(t, servers.NATS(t))
	var broken sync.Map
	broken.Store("x", true)
	var mail, other record
	subscribe(t, b, "mail service/ö", func(ctx context.Context, ev events.Event) error {
		if _, fails := broken.Load(string(ev.Data)); fails {
			return errors.New("the mail server\nis away: ä")
		}
		return mail.handle(ctx, ev)
	}, events.Retry{Attempts: 2, Base: time.Millisecond, Cap: time.Millisecond})
	subscribe(t, b, "other", other.handle, events.Retry{})
	ev := events.New("/s", "a.b", []byte("x"))
	ev.Key = "k"
	publish(t, b, ev, events.New("/s", "a.b", []byte("y")))
	until(t, "a dead letter", func() bool { return len(letters(t, b, "")) == 1 })
	d := letters(t, b, "mail service/ö")[0]
	if d.Event.ID != ev.ID || d.Event.Key != "k" || d.Group != "mail service/ö" || d.Reason != "the mail server\nis away: ä" || d.Attempts != 2 || string(d.Body) != "x" || time.Since(d.Time) > time.Minute || !strings.HasSuffix(d.Subject, ".a.b") {
		t.Errorf("%+v", d)
	}
	if got := letters(t, b, "other"); len(got) != 0 {
		t.Errorf("other: %+v", got)
	}
	if res := b.CheckHealth(t.Context()); res.Status != health.Degraded || res.Details["dead"] != "1" {
		t.Errorf("health %+v", res)
	}
	broken.Delete("x")
	if err := b.Redeliver(t.Context(), d.ID, 4711); !errors.Is(err, natsevents.ErrNoLetter) {
		t.Errorf("Redeliver of one that is not there: %v", err)
	}
	until(t, "the dead letter is handled", func() bool { return slices.Contains(mail.data(), "x") })
	until(t, "it is gone", func() bool { return len(letters(t, b, "")) == 0 })
	until(t, "the other group has both", func() bool { return len(other.data()) >= 2 })
	if got := other.data(); len(got) != 2 {
		t.Errorf("the other group got %q", got)
	}
	if res := b.CheckHealth(t.Context()); res.Status != health.Healthy {
		t.Errorf("health %+v", res)
	}
	if err := b.Discard(t.Context(), d.ID); !errors.Is(err, natsevents.ErrNoLetter) {
		t.Errorf("Discard of one that is not there: %v", err)
	}
}

// What is no event, and what is too large to keep besides its reason, becomes a
// dead letter, and holds nothing back.
func TestMalformed(t *testing.T) {
	url := servers.NATS(t)
	name := "M" + rand.Text()[:12]
	b := open(t, url, func(c *natsevents.Config) { c.Stream, c.Prefix, c.Partitions = name, name, 1 })
	var got record
	subscribe(t, b, "g", got.handle, events.Retry{})
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	large := &nats.Msg{Subject: name + ".0.a.large", Header: nats.Header{"x": {"y"}}}
	large.Data = bytes.Repeat([]byte("z"), int(nc.MaxPayload())-len("NATS/1.0\r\nx: y\r\n\r\n"))
	binary := func(typ string) nats.Header {
		h := nats.Header{}
		events.WriteHeaders(h, events.Event{ID: rand.Text(), Source: "/s", Type: typ})
		return h
	}
	structured := events.AppendJSON(nil, events.Event{ID: "1", Source: "/s", Type: "a.json", Data: []byte(`{"n":1}`)})
	for _, m := range []*nats.Msg{
		{Subject: name + ".0.a.plain", Data: []byte("plain")},
		{Subject: name + ".0.a.old", Header: nats.Header{"ce-specversion": {"0.3"}, "ce-id": {"1"}, "ce-source": {"/s"}, "ce-type": {"a.old"}}},
		{Subject: name + ".0.a.other", Header: binary("a.another")},
		{Subject: name + ".0.a.bad", Header: nats.Header{"content-type": {events.MediaType}}, Data: []byte("{")},
		large,
		{Subject: name + ".0.a.json", Header: nats.Header{"content-type": {events.MediaType}}, Data: structured},
		{Subject: name + ".0.a.good", Header: binary("a.good"), Data: []byte("good")},
	} {
		if _, err := nc.RequestMsg(m, 5*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "what is an event", func() bool { return len(got.data()) == 2 })
	until(t, "what is none", func() bool { return len(letters(t, b, "g")) == 5 })
	if all := got.data(); !slices.Contains(all, "good") || !slices.Contains(all, `{"n":1}`) {
		t.Errorf("handled %q", all)
	}
	for _, d := range letters(t, b, "g") {
		if d.Reason == "" || d.Event.ID != "" && !strings.HasSuffix(d.Subject, "a.other") || d.Attempts != 0 {
			t.Errorf("%+v", d)
		}
		if omitted := d.Body == nil && strings.HasSuffix(d.Subject, "a.large"); strings.HasSuffix(d.Subject, "a.large") != omitted {
			t.Errorf("the body of %s has %d bytes", d.Subject, len(d.Body))
		}
		switch err := b.Redeliver(t.Context(), d.ID); { // it dies again
		case strings.HasSuffix(d.Subject, "a.large"):
			if !errors.Is(err, events.ErrSize) { // there is no room for the name of the group
				t.Errorf("redeliver %s: %v", d.Subject, err)
			}
		case err != nil:
			t.Errorf("redeliver %s: %v", d.Subject, err)
		}
	}
	until(t, "they are dead again", func() bool { return len(letters(t, b, "g")) == 5 })
	for _, d := range letters(t, b, "g") {
		if err := b.Discard(t.Context(), d.ID); err != nil {
			t.Error(err)
		}
	}
	if n := len(letters(t, b, "")); n != 0 {
		t.Errorf("%d dead letters after Discard", n)
	}
	ev := events.New("/s", "a.b", large.Data)
	if err := b.Publish(t.Context(), events.New("/s", "a.b", []byte("before")), ev); !errors.Is(err, events.ErrSize) {
		t.Errorf("Publish of %d bytes: %v", len(ev.Data), err)
	}
	if all := got.data(); len(all) != 2 {
		t.Errorf("handled %d", len(all))
	}
}

// What was declared otherwise is an error that names it, unless it may be changed.
func TestDrift(t *testing.T) {
	url := servers.NATS(t)
	name := "D" + rand.Text()[:12]
	set := func(more func(*natsevents.Config)) func(*natsevents.Config) {
		return func(c *natsevents.Config) {
			c.URL, c.Stream, c.Prefix = config.NewSecret(url), name, name
			if more != nil {
				more(c)
			}
		}
	}
	b := open(t, url, set(nil))
	c := subscribe(t, b, "g", new(record).handle, events.Retry{})
	for field, change := range map[string]func(*natsevents.Config){
		"partitions": func(c *natsevents.Config) { c.Partitions = 7 },
		"max_age":    func(c *natsevents.Config) { c.MaxAge = time.Hour },
		"storage":    func(c *natsevents.Config) { c.Memory = true },
		"lease":      func(c *natsevents.Config) { c.Lease = 5 * time.Second },
	} {
		var cfg natsevents.Config
		set(change)(&cfg)
		_, err := natsevents.Open(t.Context(), cfg)
		if !errors.Is(err, natsevents.ErrDrift) || !strings.Contains(err.Error(), field+" is ") {
			t.Errorf("%s: %v", field, err)
		}
	}
	other := openOther(t, url, set(func(c *natsevents.Config) { c.MaxAge, c.Update = time.Hour, true }))
	changed := events.Subscription{Types: []string{"a.>"}, Group: "g", Timeout: time.Minute}
	if _, err := other.Subscribe(t.Context(), changed, new(record).handle); !errors.Is(err, events.ErrGroup) {
		t.Errorf("another timeout while the group is at work: %v", err)
	}
	if err := c.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := other.Forget(t.Context(), "nobody"); err != nil {
		t.Error(err)
	}
	if _, err := b.Subscribe(t.Context(), changed, new(record).handle); !errors.Is(err, events.ErrGroup) || !errors.Is(err, natsevents.ErrDrift) || !strings.Contains(err.Error(), "timeout is ") {
		t.Errorf("another timeout without Update: %v", err)
	}
	c, err := other.Subscribe(t.Context(), changed, new(record).handle)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Forget(t.Context(), "g"); !errors.Is(err, events.ErrGroup) {
		t.Errorf("Forget of a group at work: %v", err)
	}
	if err := c.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.Forget(t.Context(), "g"); err != nil {
		t.Error(err)
	}
	if _, err := b.Subscribe(t.Context(), events.Subscription{Types: []string{"b"}, Group: "g"}, new(record).handle); err != nil {
		t.Errorf("after Forget: %v", err)
	}
}

func TestRequire(t *testing.T) {
	url := servers.NATS(t)
	b := open(t, url)
	d := b.Durability()
	if d.Server == "" || d.Replicas != 1 || d.Storage != "file" || d.Persist != "default" {
		t.Errorf("%+v", d)
	}
	name := "R" + rand.Text()[:12]
	c := natsevents.Config{URL: config.NewSecret(url), Options: natsevents.Options{Stream: name, Prefix: name, Require: natsevents.RequireReplicated}}
	if _, err := natsevents.Open(t.Context(), c); !errors.Is(err, natsevents.ErrDurability) {
		t.Errorf("one replica: %v", err)
	}
}

// Partitions go to whoever comes, and come back; keys keep their order.
func TestHandOver(t *testing.T) {
	url := servers.NATS(t)
	name := "H" + rand.Text()[:12]
	change := func(c *natsevents.Config) { c.Stream, c.Prefix, c.Lease = name, name, time.Second }
	first := open(t, url, change)
	const keys, each = 16, 200
	var mu sync.Mutex
	last := map[string]int{}
	by := map[string]int{}
	handler := func(who string) events.Handler {
		return func(_ context.Context, ev events.Event) error {
			var i int
			if _, err := fmt.Sscan(string(ev.Data), &i); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if i > last[ev.Key]+1 {
				t.Errorf("event %d of %s after %d", i, ev.Key, last[ev.Key])
			}
			last[ev.Key] = max(last[ev.Key], i)
			by[who]++
			return nil
		}
	}
	subscribe(t, first, "g", handler("first"), events.Retry{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 1; i <= each; i++ {
			for k := range keys {
				ev := events.New("/s", "a.b", fmt.Append(nil, i))
				ev.Key = fmt.Sprint("key", k)
				if err := first.Publish(t.Context(), ev); err != nil {
					t.Error(err)
					return
				}
			}
		}
	}()
	count := func(who string) int {
		mu.Lock()
		defer mu.Unlock()
		return by[who]
	}
	for i := range 3 {
		who := fmt.Sprint("other", i)
		b := openOther(t, url, change)
		c := subscribe(t, b, "g", handler(who), events.Retry{})
		until(t, who+" has a share", func() bool { return count(who) > 0 || finished(done) })
		c.Stop()
		<-c.Closed()
	}
	<-done
	until(t, "everything is handled", func() bool {
		mu.Lock()
		defer mu.Unlock()
		total := 0
		for _, n := range last {
			total += n
		}
		return total == keys*each
	})
	t.Logf("handled by %v", by)
}

func finished(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// TLS with client certificates, users and keys; what is refused shows no secret.
func TestSecure(t *testing.T) {
	s := servers.NewNATSSecure(t)
	base := natsevents.Config{URL: config.NewSecret(s.URL), CA: s.CA, Cert: s.Cert, CertKey: s.CertKey}
	for name, set := range map[string]func(*natsevents.Config){
		"user": func(c *natsevents.Config) { c.User, c.Password = "app", config.NewSecret("s/e?c#r@t%") },
		"nkey": func(c *natsevents.Config) { c.NKey = s.NKey },
	} {
		c := base
		set(&c)
		c.Stream = strings.ToUpper(name)
		c.Prefix = name
		b, err := natsevents.Open(t.Context(), c)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		publish(t, b, events.New("/s", "a", nil))
		end(t, b)
	}
	for name, c := range map[string]natsevents.Config{
		"a wrong password": {URL: base.URL, CA: s.CA, Cert: s.Cert, CertKey: s.CertKey, User: "app", Password: config.NewSecret("hunter2")},
		"no certificate":   {URL: config.NewSecret("tls://app:hunter2@" + strings.TrimPrefix(s.URL, "tls://")), CA: s.CA},
		"no URL":           {URL: config.NewSecret("nats://app:hunter2@%zz:1")},
	} {
		_, err := natsevents.Open(t.Context(), c)
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(fmt.Sprintf("%+v", c), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What deletes the consumers of a group on the server loses nothing and reverses
// nothing: they are made anew where the group is.
func TestConsumersDeleted(t *testing.T) {
	url := servers.NATS(t)
	name := "C" + rand.Text()[:12]
	b := open(t, url, func(c *natsevents.Config) { c.Stream, c.Prefix, c.Partitions = name, name, 2 })
	var named, single record
	subscribe(t, b, "g", named.handle, events.Retry{})
	subscribe(t, b, "", single.handle, events.Retry{})
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	const each = 50
	for i := range each {
		if i%25 == 12 {
			stream, err := js.Stream(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			for consumer := range stream.ConsumerNames(t.Context()).Name() {
				if err := stream.DeleteConsumer(t.Context(), consumer); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, key := range []string{"k", "l", "m"} {
			ev := events.New("/s", "a.b", fmt.Appendf(nil, "%s%03d", key, i))
			ev.Key = key
			publish(t, b, ev)
		}
	}
	for what, r := range map[string]*record{"g": &named, "the single one": &single} {
		until(t, what+" has all", func() bool { return len(r.data()) >= 3*each })
		for _, key := range []string{"k", "l", "m"} {
			var got []string
			for _, d := range r.data() {
				if strings.HasPrefix(d, key) {
					got = append(got, d)
				}
			}
			if !slices.IsSorted(got) || len(slices.Compact(got)) != each {
				t.Errorf("%s: key %s: %q", what, key, got)
			}
		}
	}
}
