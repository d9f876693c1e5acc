package httpapi

import (
	"io"
	"net/http"
	"sync/atomic"
)

// recorder remembers what was answered. It is unwrapped by http.ResponseController,
// so flushing, deadlines and hijacking reach the server's own writer. Handlers may
// write from several goroutines, as badly as that works without it.
type recorder struct {
	http.ResponseWriter
	status atomic.Int64 // 0 before the response begins
	bytes  atomic.Int64
}

// Unwrap returns the inner writer, for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols { // the others are followed by a final one
		w.status.CompareAndSwap(0, int64(status))
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	w.status.CompareAndSwap(0, http.StatusOK)
	n, err := w.ResponseWriter.Write(p)
	w.bytes.Add(int64(n))
	return n, err
}

// ReadFrom keeps sendfile: io.Copy finds the inner writer's own.
func (w *recorder) ReadFrom(src io.Reader) (int64, error) {
	w.status.CompareAndSwap(0, http.StatusOK)
	n, err := io.Copy(w.ResponseWriter, src)
	w.bytes.Add(n)
	return n, err
}

// Flush sends what was written, for those who assert http.Flusher.
func (w *recorder) Flush() {
	w.status.CompareAndSwap(0, http.StatusOK)
	_ = http.NewResponseController(w.ResponseWriter).Flush() // http.Flusher has no error to give
}

func (w *recorder) begun() bool { return w.status.Load() != 0 }

// final returns the status that the client got.
func (w *recorder) final(aborted bool) int {
	switch s := int(w.status.Load()); {
	case s != 0:
		return s
	case aborted:
		return http.StatusInternalServerError
	default:
		return http.StatusOK // what net/http sends for a handler that wrote nothing
	}
}
