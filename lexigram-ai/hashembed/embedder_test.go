package hashembed_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/ai/aitest"
	"github.com/lexigram/lexigram-go/lexigram-ai/hashembed"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(tb testing.TB, o hashembed.Options) *hashembed.Embedder {
	tb.Helper()
	e, err := hashembed.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func TestConformance(t *testing.T) {
	aitest.RunEmbedder(t, func(t *testing.T) ai.Embedder { return open(t, hashembed.Options{}) })
}

func embed(tb testing.TB, texts ...string) [][]float32 {
	tb.Helper()
	vs, err := ai.EmbedTexts(context.Background(), open(tb, hashembed.Options{}), &ai.EmbedRequest{Texts: texts})
	if err != nil {
		tb.Fatal(err)
	}
	return vs
}

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// TestFrozen fails when vectors change: then ModelName must change too, or
// indexes that exist are searched with vectors of another kind.
func TestFrozen(t *testing.T) {
	h := fnv.New64a()
	for _, v := range embed(t, "How long does Stop wait?", "parseHTTPRequest_v2", "Façade naïve, ÆSIR straße", "日本語のテキスト", "") {
		for _, x := range v {
			var b [4]byte
			binary.LittleEndian.PutUint32(b[:], math.Float32bits(x))
			h.Write(b[:])
		}
	}
	if got, want := fmt.Sprintf("%x", h.Sum64()), frozen; got != want {
		t.Errorf("vectors of %q hash to %s, want %s: give them a new ModelName", hashembed.ModelName, got, want)
	}
}

const frozen = "ae672f95324596e8"

func TestNearness(t *testing.T) {
	for _, c := range []struct{ text, near, far string }{
		{"how are rows deleted", "Deleting a row frees its space.", "The session ends after an hour."},
		{"DrainTimeout option", "drain_timeout bounds how long draining takes", "A tenant has a slug and a name."},
		{"parse the http request", "func parseHTTPRequest(r io.Reader)", "func closeIdleConnections()"},
		{"facade", "Façade", "arcade"},
		{"retry", "Failed calls are retried with backoff.", "Failed calls are counted and logged."},
		{"kubernates deployment", "Kubernetes deployments", "Garden furniture"}, // misspelt
	} {
		v := embed(t, c.text, c.near, c.far)
		if near, far := dot(v[0], v[1]), dot(v[0], v[2]); near <= far {
			t.Errorf("%q is %.3f from %q and %.3f from %q", c.text, near, c.near, far, c.far)
		}
	}
}

func TestLength(t *testing.T) {
	for _, v := range embed(t, "one", strings.Repeat("word ", 10_000), "a", "\xff\xfe x", strings.Repeat("x", 1<<16)) {
		if n := dot(v, v); math.Abs(n-1) > 1e-5 {
			t.Errorf("length² %v", n)
		}
	}
	for _, v := range embed(t, "", "?!", " \n", "\xff\xfe") {
		if n := dot(v, v); n != 0 {
			t.Errorf("length² %v of a text without words", n)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, n := range []int{-1, 1, 7, 65_537} {
		if _, err := hashembed.New(hashembed.Options{Dimensions: n}); !errors.Is(err, ai.ErrRequest) {
			t.Errorf("New(%d) = %v", n, err)
		}
	}
	e := open(t, hashembed.Options{})
	if _, err := e.Embed(t.Context(), &ai.EmbedRequest{Model: "gpt"}); !errors.Is(err, ai.ErrModel) {
		t.Errorf("another model: %v", err)
	}
	for _, n := range []int{8, 100, 65_536} {
		vs, err := ai.EmbedTexts(t.Context(), e, &ai.EmbedRequest{Texts: []string{"x y"}, Dimensions: n})
		if err != nil || len(vs[0]) != n {
			t.Errorf("Dimensions %d: %d, %v", n, len(vs[0]), err)
		}
	}
}

func FuzzEmbed(f *testing.F) {
	for _, s := range []string{"", "hello", "HTTPServer2", "\xff", "日本", "a\u0301e"} {
		f.Add(s)
	}
	e := open(f, hashembed.Options{Dimensions: 64})
	f.Fuzz(func(t *testing.T, s string) {
		a, err := e.Embed(t.Context(), &ai.EmbedRequest{Texts: []string{s, s}})
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range a.Vectors[0] {
			if x != a.Vectors[1][i] || math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
				t.Fatalf("component %d: %v and %v", i, x, a.Vectors[1][i])
			}
		}
	})
}

func BenchmarkEmbed(b *testing.B) {
	var text strings.Builder
	for i := range 2000 { // words that seldom repeat
		fmt.Fprintf(&text, "%s%x relay%dClaims ", []string{"stor", "deliver", "tenant", "index"}[i%4], i*7919, i)
	}
	e := open(b, hashembed.Options{})
	req := &ai.EmbedRequest{Texts: []string{text.String()}}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Embed(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}
