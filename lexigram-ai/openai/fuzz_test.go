package openai

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

// FuzzEvents reads events in one piece and byte by byte: both must agree.
func FuzzEvents(f *testing.F) {
	f.Add("data: a\n\ndata: b\r\ndata:c\r\n\r\n: x\n\n")
	f.Add("\ufeffdata\n\n\n\ndata: \xff\n\nevent: y\ndata: cut")
	f.Add("data: " + strings.Repeat("x", 17<<10) + "\n\n")
	f.Fuzz(func(t *testing.T, s string) {
		whole, err1 := readEvents(strings.NewReader(s))
		bytewise, err2 := readEvents(iotest.OneByteReader(strings.NewReader(s)))
		if !slices.Equal(whole, bytewise) || !errors.Is(err1, err2) {
			t.Fatalf("%q, %v and %q, %v", whole, err1, bytewise, err2)
		}
		for _, e := range whole {
			if strings.HasSuffix(e, "\r") && !strings.Contains(s, "\r\r") {
				t.Fatalf("event %q keeps its line's end", e)
			}
		}
	})
}

func readEvents(r io.Reader) (all []string, err error) {
	in := newEventReader(r, func() {})
	for {
		data, err := in.next()
		if err != nil {
			return all, err
		}
		all = append(all, string(data))
	}
}

// FuzzFast checks that the fast reader of events reads what it accepts as
// encoding/json does.
func FuzzFast(f *testing.F) {
	for _, s := range []string{text("a"), text("é\n\"\\"), stop, usage} {
		f.Add([]byte(strings.TrimSpace(strings.TrimPrefix(s, "data: "))))
	}
	for _, s := range []string{
		`{"choices":[{"delta":{"content":"a","content":"b"}}],"choices":[]}`, `{"choices":[{"delta":{"content":"a\u0041\ud800"}}]}`,
		`{"choices":[{"Delta":{"content":"a"}}]}`, `{"choices":[{"delta":{"role":"x","content":null,"tool_calls":null,"refusal":null}}], "x" : [1.5e3,{"y":[]}] }`,
		`{"choices":[{"delta":{"content":"` + "\xff" + `"}}]}`, `{"choices":[{"delta":{},"message":{"content":"z"}}]}`,
		`{"choices":[{"delta":{"content":"a"},"finish_reason":"length"}]} `, `{"choices":[{"delta":{"content":"a"},"finish_reason":"x","finish_reason":null}]}`,
		`{"choices":[{"delta":{"content":"a","content":null}},{"delta":{}}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var fast, slow delta
		before := bytes.Clone(data)
		if !fast.fast(data) {
			return
		}
		s := &stream{client: &Client{}}
		if f := s.slow(data, &slow); f != nil {
			return // the types of members that nobody reads
		}
		if fast != slow || s.usage != nil || s.calls != nil {
			t.Fatalf("%s: fast %+v, slow %+v, %v, %v", data, fast, slow, s.usage, s.calls)
		}
		if !bytes.Equal(data, before) {
			t.Fatal("input changed")
		}
	})
}

// TestFastIsTaken keeps the fast path from being lost unnoticed.
func TestFastIsTaken(t *testing.T) {
	for _, data := range []string{
		`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt","service_tier":"default","system_fingerprint":"fp","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x"}`,
		strings.TrimSpace(strings.TrimPrefix(text("Hello, \"world\"\n"), "data: ")),
		strings.TrimSpace(strings.TrimPrefix(stop, "data: ")),
	} {
		var d delta
		if !d.fast([]byte(data)) {
			t.Errorf("not fast: %s", data)
		}
	}
}

// BenchmarkStream measures a chunk of a streamed answer, without a network.
func BenchmarkStream(b *testing.B) {
	const chunks = 1000
	body := strings.Repeat(`data: {"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion.chunk","created":1741569952,"model":"gpt-5-mini","service_tier":"default","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"content":" hello"},"logprobs":null,"finish_reason":null}],"usage":null}`+"\n\n", chunks) + stop + usage + done
	c := over(b, func(*http.Request) (*http.Response, error) {
		return respond("text/event-stream", strings.NewReader(body)), nil
	}, Options{})
	req := ai.Ask("", "hi")
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range c.Stream(b.Context(), req) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/chunks, "ns/chunk")
}

// TestStreamAllocations holds the promise of at most three per chunk.
func TestStreamAllocations(t *testing.T) {
	r := testing.Benchmark(BenchmarkStream)
	if perChunk := float64(r.AllocsPerOp()) / 1000; perChunk > 3 {
		t.Errorf("%.2f allocations per chunk", perChunk)
	}
}
