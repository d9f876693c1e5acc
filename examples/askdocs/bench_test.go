package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/examples/askdocs/internal/askclient"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/instance"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/webui"
)

// serving boots askdocs in this process and calls fn with a client of a new tenant.
func serving(tb testing.TB, data string, fn func(ctx context.Context, client *askclient.Client)) {
	tb.Helper()
	var stderr bytes.Buffer
	c := firstProcess(data, &stderr)
	err := c.connected(tb.Context(), func(ctx context.Context, s instance.Server) error {
		client := askclient.New(s.URL, "bench", "")
		defer client.Close()
		if _, err := client.CreateTenant(ctx, s.Admin); err != nil {
			return err
		}
		fn(ctx, client)
		return nil
	})
	if err != nil {
		tb.Fatalf("%v\n%s", err, &stderr)
	}
}

// article is a document of about size bytes of words from a vocabulary of 5,000.
func article(seed uint64, size int) string {
	r := rand.New(rand.NewPCG(seed, 7))
	var b strings.Builder
	for section := 0; b.Len() < size; section++ {
		fmt.Fprintf(&b, "\n## Section %d of article %d\n\n", section, seed)
		for range 12 {
			for range 14 {
				fmt.Fprintf(&b, "word%d ", int(r.ExpFloat64()*600)%5000)
			}
			b.WriteString("end.\n")
		}
	}
	return b.String()
}

// peakHeap samples the live heap until stop is called.
func peakHeap() (stop func() (bytes uint64)) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	quit, result := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		var peak uint64
		for {
			metrics.Read(sample)
			peak = max(peak, sample[0].Value.Uint64())
			select {
			case <-quit:
				result <- peak
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 { close(quit); return <-result }
}

func sizeOf(tb testing.TB, dir string) (n int64) {
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// BenchmarkImport1000 uploads 1,000 documents of 4 KB over HTTP, one after the
// other, and waits until all are found.
func BenchmarkImport1000(b *testing.B) {
	const documents, size = 1000, 4 << 10
	for b.Loop() {
		data := b.TempDir()
		serving(b, data, func(ctx context.Context, client *askclient.Client) {
			runtime.GC()
			stop := peakHeap()
			began := time.Now()
			total := 0
			for i := range documents {
				text := article(uint64(i), size)
				total += len(text)
				if _, err := client.Upload(ctx, fmt.Sprintf("articles/%04d.md", i), strings.NewReader(text), int64(len(text))); err != nil {
					b.Fatal(err)
				}
			}
			if err := client.WaitIndexed(ctx, func(webui.Status) {}); err != nil {
				b.Fatal(err)
			}
			took := time.Since(began)
			b.ReportMetric(documents/took.Seconds(), "docs/s")
			b.ReportMetric(float64(total)/took.Seconds()/1e6, "MB/s")
			b.ReportMetric(float64(stop())/1e6, "peak-heap-MB")
			b.ReportMetric(float64(total)/1e6, "documents-MB")
			for _, part := range []string{"vectors", "search", "blobs"} {
				b.ReportMetric(float64(sizeOf(b, filepath.Join(data, part)))/1e6, part+"-MB")
			}
			b.ReportMetric(float64(sizeOf(b, data))/1e6, "data-MB")
		})
	}
}

// endless is a document that never ends and costs no memory.
type endless struct{ left int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), e.left))
	for i := range n {
		p[i] = 'a' + byte(i%26)
	}
	e.left -= int64(n)
	return n, nil
}

func TestHugeDocumentIsRefusedInBoundedMemory(t *testing.T) {
	const huge = 200 << 20
	data := t.TempDir()
	serving(t, data, func(ctx context.Context, client *askclient.Client) {
		for name, size := range map[string]int64{"declared": huge, "undeclared": -1} {
			runtime.GC()
			stop := peakHeap()
			_, err := client.Upload(ctx, "huge.txt", &endless{huge}, size)
			peak := stop()
			if err == nil || !strings.Contains(err.Error(), "larger than the limit of 16777216 bytes (library.max_document)") {
				t.Errorf("%s: %v", name, err)
			}
			t.Logf("%s: 200 MB refused with a heap of at most %d MB", name, peak>>20)
			if peak > 128<<20 {
				t.Errorf("%s: the heap grew to %d MB", name, peak>>20)
			}
		}
		s, err := client.Status(ctx)
		if err != nil || len(s.Documents) != 0 {
			t.Errorf("documents after the refusal: %v, %v", s.Documents, err)
		}
	})
	if n := sizeOf(t, filepath.Join(data, "blobs")); n > 4<<10 {
		t.Errorf("%d bytes of a refused document are left", n)
	}
}
