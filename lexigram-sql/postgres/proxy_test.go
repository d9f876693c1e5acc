package postgres_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// proxy hands on to the server, and cuts the line when the client sends COMMIT:
// before the server has it, or after.
func proxy(t *testing.T, server string, deliver bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", server)
			if err != nil {
				_ = client.Close()
				continue
			}
			down := make(chan struct{})
			go func() {
				defer close(down)
				defer client.Close()
				buf := make([]byte, 1<<16)
				for {
					n, err := up.Read(buf)
					if err != nil {
						return
					}
					if _, err := client.Write(buf[:n]); err != nil {
						return
					}
				}
			}()
			go func() {
				defer up.Close()
				buf := make([]byte, 1<<16)
				for {
					n, err := client.Read(buf)
					if err != nil {
						return
					}
					if bytes.Contains(buf[:n], []byte("COMMIT")) {
						_ = client.Close()
						if deliver {
							_, _ = up.Write(buf[:n])
							<-down // the server has answered
						}
						return
					}
					if _, err := up.Write(buf[:n]); err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

// at returns the URL with another address.
func at(t *testing.T, raw config.Secret[string], addr string) config.Secret[string] {
	t.Helper()
	u, err := url.Parse(raw.Reveal())
	if err != nil || u.Host == "" {
		t.Skip("NOT TESTED: LEXIGRAM_TEST_POSTGRES is not a URL with a host")
	}
	u.Host = addr
	q := u.Query()
	q.Set("sslmode", "disable")
	u.RawQuery = q.Encode()
	return config.NewSecret(u.String())
}

// counting hands on to the server and counts how often the client sends
// something after the server has answered.
func counting(t *testing.T, host string, port uint16, trips *atomic.Int64) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(int(port))))
			if err != nil {
				_ = client.Close()
				continue
			}
			var waiting atomic.Bool
			go func() { defer client.Close(); _, _ = io.Copy(client, &watched{up, func() { waiting.Store(false) }}) }()
			go func() {
				defer up.Close()
				_, _ = io.Copy(up, &watched{client, func() {
					if !waiting.Swap(true) {
						trips.Add(1)
					}
				}})
			}()
		}
	}()
	return l.Addr().String()
}

// watched calls seen before it returns what it read.
type watched struct {
	io.Reader
	seen func()
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if n > 0 {
		w.seen()
	}
	return n, err
}
