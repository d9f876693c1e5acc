package stampede

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// A line passes bytes to a server and back, unless it hangs: then nothing
// arrives and nobody is told, as when a cable is pulled.
type line struct {
	url    string
	server string

	mu   sync.Mutex
	hung bool
	cond *sync.Cond
}

// newLine returns a line to the server of address, which ends with t.
func newLine(t *testing.T, address string) *line {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{server: u.Host}
	l.cond = sync.NewCond(&l.mu)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close(); l.resume() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go l.serve(client)
		}
	}()
	u.Host = listener.Addr().String()
	l.url = u.String()
	return l
}

func (l *line) serve(client net.Conn) {
	server, err := net.Dial("tcp", l.server)
	if err != nil {
		_ = client.Close()
		return
	}
	go l.pass(client, server)
	l.pass(server, client)
}

// pass copies until one end is closed, which closes the other.
func (l *line) pass(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	_, _ = io.Copy(writer{l, to}, from) // either end may go
}

// A writer waits while the line hangs.
type writer struct {
	line *line
	to   net.Conn
}

func (w writer) Write(b []byte) (int, error) {
	w.line.mu.Lock()
	for w.line.hung {
		w.line.cond.Wait()
	}
	w.line.mu.Unlock()
	return w.to.Write(b)
}

func (l *line) hang() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hung = true
}

func (l *line) resume() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hung = false
	l.cond.Broadcast()
}
