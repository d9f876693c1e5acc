package logkit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/observe/observetest"
	"github.com/lexigram/lexigram-go/core/logkit"
)

func TestSinkConformance(t *testing.T) {
	observetest.Run(t, func(t *testing.T) observe.Sink {
		log := slog.New(logkit.NewRedactor(slog.NewJSONHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug})))
		return logkit.NewSink(log)
	})
	observetest.Run(t, func(t *testing.T) observe.Sink { return logkit.NewSink(nil) })
}

type panicking struct{ slog.Handler }

func (panicking) Enabled(context.Context, slog.Level) bool  { return true }
func (panicking) Handle(context.Context, slog.Record) error { panic("disk on fire") }
func (p panicking) WithAttrs([]slog.Attr) slog.Handler      { return p }
func (p panicking) WithGroup(string) slog.Handler           { return p }
func TestSinkSurvivesItsHandler(t *testing.T) {
	observetest.Run(t, func(t *testing.T) observe.Sink { return logkit.NewSink(slog.New(panicking{})) }, observetest.Tick(time.Minute)) // each panic has a stack
}

type valuer struct{ password string }

func (v valuer) LogValue() slog.Value { return slog.GroupValue(slog.String("password", v.password)) }

func TestRedactorHides(t *testing.T) {
	const secret = "hunter2"
	circular := map[string]any{"password": secret}
	circular["self"] = map[string]any{"list": []any{circular["password"] == nil, map[string]any{"token": secret}}}
	attrs := []slog.Attr{
		slog.String("password", secret),
		slog.Any("api_key", []byte(secret)),
		slog.Group("db", slog.Group("inner", slog.String("DB_PASSWORD", secret), slog.Int("port", 1))),
		slog.Group("credentials", slog.String("innocent", secret)),
		slog.Any("valuer", valuer{secret}),
		slog.Any("headers", http.Header{"Authorization": {"Bearer " + secret}, "Accept": {"*/*"}}),
		slog.Any("query", url.Values{"token": {secret}}),
		slog.Any("url", &url.URL{Scheme: "redis", User: url.UserPassword("u", secret), Host: "h"}),
		slog.Any("nil url", (*url.URL)(nil)),
		slog.Any("error", errors.New("dial redis://:"+secret+"@cache")),
		slog.Any("map", circular),
		slog.Any("env", map[string]string{"LEX_DB__PASSWORD": secret, "LEX_URL": "a://b:" + secret + "@c"}),
		slog.Any("list", []string{"a://b:" + secret + "@c"}),
		slog.Any("maps", []map[string]any{{"secret": secret}}),
		slog.Any("named map", named{"password": secret, "inner": named{"token": 1, "u": text("a://b:" + secret + "@c")}}),
		slog.Any("strings of maps", map[string]map[string]string{"e": {"password": secret}}),
		slog.Any("maps of strings", []map[string]string{{"password": secret}}),
		slog.Any("any keys", map[any]any{"password": secret}),
		slog.Any("pointer to map", &map[string]any{"password": secret}),
		slog.Any("errors", []error{errors.New("a://b:" + secret + "@c")}),
		slog.Any("bytes", []byte("a://b:"+secret+"@c")),
		slog.Any("attrs", []any{slog.String("password", secret)}),
		slog.Any("urls", []*url.URL{{Scheme: "a", User: url.UserPassword("u", secret)}}),
		slog.Any("query error", &url.Error{Op: "Get", URL: "https://h/?access_token=" + secret, Err: io.EOF}),
		slog.Any("wrapped", config.NewSecret(secret)),
		slog.Any("struct", struct{ P config.Secret[string] }{config.NewSecret(secret)}),
	}
	for _, h := range []func(io.Writer) slog.Handler{
		func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
		func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
	} {
		var out bytes.Buffer
		redactor := logkit.NewRedactor(h(&out))
		for _, log := range []*slog.Logger{
			slog.New(redactor),
			slog.New(redactor.WithAttrs(attrs)),
			slog.New(redactor.WithGroup("g").WithAttrs(attrs)),
			slog.New(redactor.WithGroup("token").WithGroup("inner")).With("innocent", secret),
		} {
			log.LogAttrs(t.Context(), slog.LevelInfo, "dial redis://:"+secret+"@cache", attrs...)
		}
		if strings.Contains(out.String(), secret) {
			t.Errorf("the secret shows in:\n%s", &out)
		}
		for _, kept := range []string{"port", "*/*", "cache"} {
			if !strings.Contains(out.String(), kept) {
				t.Errorf("%q is gone from:\n%s", kept, &out)
			}
		}
	}
}

// Types that people give maps and texts.
type (
	named map[string]any
	text  string
)

// TestRedactorLeavesTheRest: what has nothing to hide looks as it does without a Redactor.
func TestRedactorLeavesTheRest(t *testing.T) {
	var missing *url.Error
	attrs := []slog.Attr{
		slog.Any("nil error", error(missing)), slog.Any("nil map", named(nil)), slog.Any("nil list", []error(nil)), slog.Any("nil pointer", (*named)(nil)),
		slog.Any("ip", net.IPv4(192, 0, 2, 7)), slog.Any("addr", netip.MustParseAddr("192.0.2.7")), slog.Any("bytes", []byte("x")),
		slog.Any("raw", json.RawMessage(`{"a":[1]}`)), slog.Any("ints", []int{1, 2}), slog.Any("by number", map[int]string{1: "a"}),
		slog.Any("array", [2]bool{true}), slog.Any("struct", struct{ A []string }{[]string{"x"}}),
	}
	for _, h := range []func(io.Writer) slog.Handler{
		func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
		func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
	} {
		var plain, redacted bytes.Buffer
		r := slog.NewRecord(time.Time{}, slog.LevelInfo, "x", 0)
		r.AddAttrs(attrs...)
		if err := errors.Join(h(&plain).Handle(t.Context(), r), logkit.NewRedactor(h(&redacted)).Handle(t.Context(), r)); err != nil {
			t.Fatal(err)
		}
		if plain.String() != redacted.String() {
			t.Errorf("got  %swant %s", &redacted, &plain)
		}
	}
}

func TestRedactorDoesNotChangeWhatItIsGiven(t *testing.T) {
	h := http.Header{"Authorization": {"Bearer x"}}
	slog.New(logkit.NewRedactor(slog.NewJSONHandler(io.Discard, nil))).Info("x", "headers", h)
	if h.Get("Authorization") != "Bearer x" {
		t.Errorf("the caller's header became %v", h)
	}
}

func TestSinkLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s := logkit.NewSink(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
		_, end := s.Start(t.Context(), "op", slog.String("k", "v"))
		time.Sleep(time.Second)
		end(errs.New("X", errs.Conflict, "gone wrong"))
		end(nil)
		_, end = s.Start(t.Context(), "cancelled")
		end(context.Canceled)
		s.Count(t.Context(), "hits", 3)
		s.Record(t.Context(), "seconds", 0.25)
		type line struct {
			Level, Msg, Error, Kind, K string
			Took                       time.Duration
			Count                      int
			Value                      float64
		}
		var got []line
		for dec := json.NewDecoder(&out); ; {
			var l line
			if err := dec.Decode(&l); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			got = append(got, l)
		}
		want := []line{
			{Level: "WARN", Msg: "op", Error: "gone wrong", Kind: "conflict", K: "v", Took: time.Second},
			{Level: "DEBUG", Msg: "cancelled", Error: "context canceled", Kind: "canceled"},
			{Level: "DEBUG", Msg: "hits", Count: 3},
			{Level: "DEBUG", Msg: "seconds", Value: 0.25},
		}
		if len(got) != len(want) {
			t.Fatalf("%d lines, want %d: %+v", len(got), len(want), got)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("line %d = %+v, want %+v", i, got[i], want[i])
			}
		}
	})
}

func TestNew(t *testing.T) {
	for _, tc := range []struct {
		format logkit.Format
		want   string
	}{{"", `"msg":"hello"`}, {logkit.Auto, `"msg":"hello"`}, {logkit.JSON, `"msg":"hello"`}, {logkit.Text, "msg=hello"}} {
		var out bytes.Buffer
		log, err := logkit.New(&out, logkit.Options{Format: tc.format})
		if err != nil {
			t.Fatal(err)
		}
		log.Debug("not this")
		log.Info("hello", "password", "hunter2")
		if s := out.String(); !strings.Contains(s, tc.want) || strings.Contains(s, "hunter2") || strings.Contains(s, "not this") {
			t.Errorf("format %q: %s", tc.format, s)
		}
	}
	if _, err := logkit.New(io.Discard, logkit.Options{Format: "xml"}); !errors.Is(err, logkit.Err) || !strings.Contains(err.Error(), "auto, text, json") {
		t.Errorf("xml: %v", err)
	}
	if _, err := logkit.New(nil, logkit.Options{}); !errors.Is(err, logkit.Err) {
		t.Errorf("nil writer: %v", err)
	}
	file, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	log, err := logkit.New(file, logkit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	log.Info("hello")
	if b, err := os.ReadFile(file.Name()); err != nil || !bytes.HasPrefix(b, []byte("{")) {
		t.Errorf("a file is no terminal, and gets JSON: %s, %v", b, err)
	}
}
