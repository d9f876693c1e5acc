package servers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	noRedis        = "Redis: run make servers, or name a server with LEXIGRAM_TEST_REDIS=redis://user:password@host:6379/0"
	noRedisCluster = "Redis Cluster: run make servers (LEXIGRAM_TEST_REDIS does not replace it)"
)

// redisState is what a test binary shares of Redis.
type redisState struct {
	mu      sync.Mutex // held while one starts
	single  *RedisServer
	cluster *RedisCluster
	err     error // of either
}

// Redis returns the URL of a server that all tests of the binary share, so that
// each keeps to keys of its own: the one that LEXIGRAM_TEST_REDIS names, or one
// that the first caller starts. It keeps nothing on disk.
func Redis(t testing.TB) string {
	t.Helper()
	if existing := os.Getenv("LEXIGRAM_TEST_REDIS"); existing != "" {
		return existing
	}
	needRedis(t, noRedis)
	binary.mustMain(t)
	r := &binary.redis
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.single == nil && r.err == nil {
		if r.single, r.err = startRedis(); r.err == nil {
			binary.onStop(r.single.remove)
		}
	}
	if r.err != nil {
		t.Fatal(r.err)
	}
	return r.single.URL()
}

// needRedis skips t unless redis-server is installed.
func needRedis(t testing.TB, what string) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		Missing(t, what, true)
	}
}

// A RedisServer is a server of one test, which may kill and restart it. Its
// methods are for one goroutine at a time.
type RedisServer struct {
	dir  string
	port int
	args []string
	opts redis.Options // of a client that may do everything
	tls  *redisTLS
	proc *process
}

// NewRedis starts a server for t alone, with redis-server's own args, and stops it
// when t ends. LEXIGRAM_TEST_REDIS does not replace it. Without args it keeps
// nothing: after Kill and Start it is empty. With "--appendonly", "yes",
// "--appendfsync", "always" it keeps what it has confirmed.
func NewRedis(t testing.TB, args ...string) *RedisServer {
	t.Helper()
	needRedis(t, noRedis)
	s, err := startRedis(args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.remove(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// URL returns what clients connect to.
func (s *RedisServer) URL() string { return "redis://" + s.opts.Addr + "/0" }

// Kill ends the server at once, without a word to its clients, and returns when it is gone.
func (s *RedisServer) Kill() error { return s.proc.stop(syscall.SIGKILL) }

// Start starts the server anew after Kill, on its port and what it has on disk.
func (s *RedisServer) Start() error { return s.run() }

// Pause stops the server where it is, with all its connections open, until Resume.
func (s *RedisServer) Pause() error { return s.proc.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume lets a paused server go on.
func (s *RedisServer) Resume() error { return s.proc.cmd.Process.Signal(syscall.SIGCONT) }

// Do runs one command, as a user who may do everything.
func (s *RedisServer) Do(ctx context.Context, args ...any) (any, error) {
	client := redis.NewClient(&s.opts)
	v, err := client.Do(ctx, args...).Result()
	return v, errors.Join(err, client.Close())
}

// startRedis serves from a temporary directory.
func startRedis(args ...string) (*RedisServer, error) {
	s, err := newRedisServer(args)
	if err != nil {
		return nil, err
	}
	return s, s.firstRun(func(int) []string { return nil })
}

// newRedisServer makes the directory of a server.
func newRedisServer(args []string) (*RedisServer, error) {
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		return nil, err
	}
	s := &RedisServer{dir: dir, args: args}
	s.opts = redis.Options{DialTimeout: time.Second, DialerRetries: 1, MaxRetries: -1}
	if err := give(dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// firstRun runs the server on a free port, with what more says for that port.
func (s *RedisServer) firstRun(more func(port int) []string) (err error) {
	args := s.args
	for range 5 { // somebody else may take the port between freePort and bind
		if s.port, err = freePort(); err != nil {
			break
		}
		s.opts.Addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
		s.args = append(more(s.port), args...)
		if err = s.run(); err == nil {
			return nil
		}
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// run starts redis-server and returns when it answers.
func (s *RedisServer) run() error {
	port := "--port"
	if s.tls != nil {
		port = "--tls-port"
	}
	args := []string{"--bind", "127.0.0.1", "--protected-mode", "no", "--save", "", "--dir", s.dir}
	if s.tls != nil {
		args = append(args, "--port", "0")
	}
	args = append(args, port, strconv.Itoa(s.port))
	p, err := start(s.dir, "redis-server", append(args, s.args...)...)
	if err != nil {
		return err
	}
	s.proc = p
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := s.Do(ctx, "ping")
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("servers: redis-server ended: %w\n%s", p.err, p.tail())
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("servers: redis-server does not answer: %w\n%s", err, p.tail()), p.stop(syscall.SIGKILL))
		case <-tick.C:
		}
	}
}

// remove stops the server and deletes its files.
func (s *RedisServer) remove() error {
	err := s.Resume()
	if errors.Is(err, os.ErrProcessDone) {
		err = nil // the test killed it
	}
	return errors.Join(err, s.Kill(), os.RemoveAll(s.dir))
}
