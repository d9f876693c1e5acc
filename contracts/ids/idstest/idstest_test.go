package idstest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/ids"
)

// A model is the smallest generator that keeps every rule. With the name of a
// rule in breaks, it breaks that rule.
type model struct {
	strategy ids.Strategy
	breaks   string
	calls    atomic.Int64
	reading  atomic.Int64
}

func (m *model) Strategy() ids.Strategy { return m.strategy }

func (m *model) NewID() string {
	n := m.calls.Add(1)
	switch {
	case m.breaks == "unique" && n > 1_000:
		n = 1_000
		return fmt.Sprint(n)
	case m.breaks == "unique elsewhere":
		return fmt.Sprint(n) // a number of the process
	case m.breaks == "plain text":
		return rand.Text() + "="
	case m.breaks == "form" || m.strategy == ids.UUID4:
		return version(hex.EncodeToString(random()), '4')
	case m.breaks == "concurrent use":
		defer m.reading.Add(-1)
		if m.reading.Add(1) > 1 {
			return "busy"
		}
		time.Sleep(1)
	}
	millis := time.Now().UnixMilli()
	if m.breaks == "sorted by time" {
		millis = -millis & (1<<48 - 1)
	}
	b := random()
	return version(fmt.Sprintf("%012x", millis)+hex.EncodeToString(b[6:]), '7')
}

func random() []byte {
	b := make([]byte, 16)
	rand.Read(b)
	return b
}

func version(digits string, v byte) string {
	b := []byte(digits)
	b[12], b[16] = v, 'a'
	return fmt.Sprintf("%s-%s-%s-%s-%s", b[:8], b[8:12], b[12:16], b[16:20], b[20:])
}

func (m *model) NewIDFor(entity string) string {
	if m.breaks == "prefix" {
		return strings.Map(func(r rune) rune {
			if 'a' <= r && r <= 'z' {
				return r
			}
			return -1
		}, entity) + "_" + m.NewID()
	}
	return m.NewID()
}

func TestGood(t *testing.T) {
	for _, s := range []ids.Strategy{ids.UUID4, ids.UUID7} {
		Run(t, func(*testing.T) ids.Generator { return &model{strategy: s} })
	}
}

// TestBroken gives each rule a generator that breaks it.
func TestBroken(t *testing.T) {
	for _, r := range rules {
		synctest.Test(t, func(t *testing.T) {
			a, b := &model{strategy: ids.UUID7, breaks: r.name}, &model{strategy: ids.UUID7, breaks: r.name}
			if err := r.check(a, b); err == nil {
				t.Errorf("rule %q: the generator that breaks it passed", r.name)
			}
		})
	}
}

// A prefixing generator is good at everything but what it is told.
type prefixing struct {
	*model
	prefix func(entity string) string
}

func (p prefixing) NewID() string                 { return "0" + strings.ToLower(rand.Text()[:25]) }
func (p prefixing) NewIDFor(entity string) string { return p.prefix(entity) + p.NewID() }

// TestBrokenPrefix is the half of the rule that only Prefixed can break.
func TestBrokenPrefix(t *testing.T) {
	var calls int
	for name, prefix := range map[string]func(string) string{
		"none":     func(string) string { return "" },
		"changing": func(string) string { calls++; return strings.Repeat("a", 1+calls%2) + "_" },
	} {
		if err := checkPrefix(prefixing{&model{strategy: ids.Prefixed}, prefix}, nil); err == nil {
			t.Errorf("a generator with a prefix that is %s passed", name)
		}
	}
	if err := checkPrefix(prefixing{&model{strategy: ids.Prefixed}, func(string) string { return "user_" }}, nil); err != nil {
		t.Error(err)
	}
}
