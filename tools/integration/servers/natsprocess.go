package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// natsBinary is where nats-server was built for this test binary.
type natsBinary struct {
	mu   sync.Mutex
	path string
	err  error
}

// build builds nats-server, of the version that go.mod names, once.
func (b *natsBinary) build(s *state) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.path != "" || b.err != nil {
		return b.path, b.err
	}
	dir, err := os.MkdirTemp("", "nats-server")
	if err != nil {
		return "", err
	}
	s.onStop(func() error { return os.RemoveAll(dir) })
	if b.err = os.Chmod(dir, 0o755); b.err != nil {
		return "", b.err
	}
	path := filepath.Join(dir, "nats-server")
	cmd := exec.Command("go", "build", "-o", path, "github.com/nats-io/nats-server/v2")
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.err = fmt.Errorf("servers: build nats-server: %w\n%s", err, out)
		return "", b.err
	}
	b.path = path
	return path, nil
}

// A NATSServer is a nats-server with JetStream, a process of its own, of one
// test, which may kill and restart it. It keeps its files. Its methods are for
// one goroutine at a time.
type NATSServer struct {
	Name string // as a cluster's leader is named

	bin, dir, conf string
	port           int
	alone          bool
	proc           *process
}

// NewNATS starts a server for t alone and stops it when t ends.
// LEXIGRAM_TEST_NATS does not replace it. It keeps its streams in store, or in
// a temporary directory if that is "".
func NewNATS(t testing.TB, store string) *NATSServer {
	t.Helper()
	return newNATS(t, 1, store)[0]
}

// NewNATSCluster starts a cluster of three servers for t alone.
func NewNATSCluster(t testing.TB) []*NATSServer {
	t.Helper()
	return newNATS(t, 3, "")
}

// NATSURLs returns the URLs of all, separated by commas.
func NATSURLs(all []*NATSServer) string {
	urls := make([]string, len(all))
	for i, s := range all {
		urls[i] = s.URL()
	}
	return strings.Join(urls, ",")
}

func newNATS(t testing.TB, n int, store string) []*NATSServer {
	t.Helper()
	binary.mustMain(t)
	bin, err := binary.natsServer.build(&binary)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]*NATSServer, n)
	routes := make([]string, n)
	for i := range all {
		dir, err := os.MkdirTemp("", "nats")
		if err != nil {
			t.Fatal(err)
		}
		s := &NATSServer{Name: fmt.Sprintf("n%d", i), bin: bin, dir: dir, alone: n == 1}
		t.Cleanup(func() {
			if err := s.remove(); err != nil {
				t.Error(err)
			}
		})
		client, cerr := freePort()
		route, rerr := freePort()
		if err := errors.Join(cerr, rerr, give(dir)); err != nil {
			t.Fatal(err)
		}
		s.port = client
		all[i], routes[i] = s, fmt.Sprintf("127.0.0.1:%d", route)
	}
	for i, s := range all {
		if store == "" || n > 1 {
			store = filepath.Join(s.dir, "js")
		}
		if err := s.configure(store, routes, i); err != nil {
			t.Fatal(err)
		}
		if err := s.launch(); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range all {
		if err := s.await(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func (s *NATSServer) configure(store string, routes []string, i int) error {
	conf := fmt.Sprintf("server_name: %s\nlisten: \"127.0.0.1:%d\"\njetstream { store_dir: %q, max_file_store: 8GB, max_memory_store: 1GB }\n", s.Name, s.port, store)
	if !s.alone {
		conf += fmt.Sprintf("cluster { name: c, listen: %q, routes: [ nats://%s ] }\n", routes[i], strings.Join(routes, ", nats://"))
	}
	s.conf = filepath.Join(s.dir, "nats.conf")
	return os.WriteFile(s.conf, []byte(conf), 0o644)
}

// URL returns the server's address, which stays the same.
func (s *NATSServer) URL() string { return "nats://127.0.0.1:" + strconv.Itoa(s.port) }

// Kill ends the server at once (SIGKILL), and returns when it is gone.
func (s *NATSServer) Kill() error { return s.proc.stop(syscall.SIGKILL) }

// Start starts the server anew after Kill, on its port and its files.
func (s *NATSServer) Start() error { return errors.Join(s.launch(), s.await()) }

// Output returns the end of what the server printed.
func (s *NATSServer) Output() string { return s.proc.tail() }

func (s *NATSServer) launch() (err error) {
	s.proc, err = start(s.dir, s.bin, "-c", s.conf)
	return err
}

// await returns when the server answers and, in a cluster, there is a leader.
func (s *NATSServer) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.proc.done:
			return fmt.Errorf("servers: nats-server ended: %w\n%s", s.proc.err, s.proc.tail())
		case <-ctx.Done():
			return fmt.Errorf("servers: nats-server does not answer: %w\n%s", err, s.proc.tail())
		case <-tick.C:
		}
	}
}

func (s *NATSServer) answers(ctx context.Context) error {
	nc, err := nats.Connect(s.URL(), nats.Timeout(time.Second), nats.NoReconnect())
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err = js.AccountInfo(ctx)
	return err
}

// remove stops the server and deletes its files.
func (s *NATSServer) remove() error {
	var err error
	if s.proc != nil {
		err = s.proc.stop(syscall.SIGTERM)
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}
