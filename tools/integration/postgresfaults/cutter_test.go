package postgresfaults

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
)

// A cutter is a line to the server that breaks at one in so many COMMITs:
// before the server has it, or after, so that only the answer is lost.
type cutter struct {
	server string
	one    int // in so many
	before atomic.Int64
	after  atomic.Int64
}

// url returns database through the cutter, which ends with t.
func (c *cutter) url(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	c.server = u.Host
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
			go c.serve(client)
		}
	}()
	u.Host = l.Addr().String()
	return u.String()
}

func (c *cutter) serve(client net.Conn) {
	server, err := net.Dial("tcp", c.server)
	if err != nil {
		_ = client.Close()
		return
	}
	down := make(chan struct{})
	go func() {
		defer close(down)
		defer client.Close()
		_, _ = io.Copy(client, server) // either end may be cut
	}()
	defer server.Close()
	buf := make([]byte, 1<<16)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		if bytes.Contains(buf[:n], []byte("COMMIT")) && rand.N(c.one) == 0 {
			_ = client.Close()
			if rand.N(2) == 0 {
				c.before.Add(1)
				return
			}
			c.after.Add(1)
			_, _ = server.Write(buf[:n])
			<-down // the server has answered
			return
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}
