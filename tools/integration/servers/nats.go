package servers

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// A natsKind is the shared servers of one size, with what became of starting them.
type natsKind struct {
	mu  sync.Mutex
	url string
	err error
}

// NATS returns the URL of a server with JetStream, which all tests of the
// binary share: the one that LEXIGRAM_TEST_NATS names, or one in this process
// that the first caller starts. Streams are of the caller's own name.
func NATS(t testing.TB) string {
	t.Helper()
	if existing := os.Getenv("LEXIGRAM_TEST_NATS"); existing != "" {
		return existing
	}
	return binary.sharedNATS(t, &binary.nats, 1)
}

// NATSCluster returns the URLs, separated by commas, of a cluster of three
// servers in this process, which all tests of the binary share.
func NATSCluster(t testing.TB) string {
	t.Helper()
	return binary.sharedNATS(t, &binary.cluster, 3)
}

func (s *state) sharedNATS(t testing.TB, kind *natsKind, n int) string {
	t.Helper()
	s.mustMain(t)
	kind.mu.Lock()
	defer kind.mu.Unlock()
	if kind.url == "" && kind.err == nil {
		var stop func() error
		if kind.url, stop, kind.err = startNATS(n); kind.err == nil {
			s.onStop(stop)
		}
	}
	if kind.err != nil {
		t.Fatal(kind.err)
	}
	return kind.url
}

// startNATS starts n servers in this process, which are a cluster if n is not
// one, and returns when they answer and have a leader.
func startNATS(n int) (urls string, stop func() error, err error) {
	dir, err := os.MkdirTemp("", "nats")
	if err != nil {
		return "", nil, err
	}
	var running []*natsd.Server
	stop = func() error {
		for _, s := range running {
			s.Shutdown()
			s.WaitForShutdown()
		}
		return os.RemoveAll(dir)
	}
	routes := make([]*url.URL, n)
	for i := range routes {
		port, err := freePort()
		if err != nil {
			return "", nil, errors.Join(err, stop())
		}
		routes[i] = &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", port)}
	}
	var all []string
	for i := range routes {
		s, err := natsd.NewServer(natsOptions(filepath.Join(dir, fmt.Sprint(i)), i, routes))
		if err != nil {
			return "", nil, errors.Join(err, stop())
		}
		running = append(running, s)
		s.Start()
	}
	for _, s := range running {
		if !s.ReadyForConnections(30 * time.Second) {
			return "", nil, errors.Join(errors.New("servers: nats does not answer"), stop())
		}
		all = append(all, s.ClientURL())
	}
	if err := awaitLeader(running); err != nil {
		return "", nil, errors.Join(err, stop())
	}
	return strings.Join(all, ","), stop, nil
}

func natsOptions(dir string, i int, routes []*url.URL) *natsd.Options {
	o := &natsd.Options{
		ServerName: fmt.Sprintf("n%d", i), Host: "127.0.0.1", Port: natsd.RANDOM_PORT, JetStream: true, StoreDir: dir,
		NoSigs: true, NoLog: true, JetStreamMaxMemory: 1 << 30, JetStreamMaxStore: 4 << 30,
	}
	if len(routes) > 1 {
		o.Cluster = natsd.ClusterOpts{Name: "c", Host: "127.0.0.1", Port: portOf(routes[i])}
		o.Routes = routes
	}
	return o
}

func portOf(u *url.URL) (port int) {
	if _, err := fmt.Sscan(u.Port(), &port); err != nil {
		return 0
	}
	return port
}

// A NATSSecure is a server that speaks TLS only, asks clients for a certificate
// and knows two users: the one named "app" with the password "s/e?c#r@t%", and
// the one of the seed in NKey.
type NATSSecure struct{ URL, CA, Cert, CertKey, NKey string }

// NewNATSSecure starts such a server in this process, for t alone.
func NewNATSSecure(t testing.TB) NATSSecure {
	t.Helper()
	dir := t.TempDir()
	cert, key, config, err := certificate(dir)
	if err != nil {
		t.Fatal(err)
	}
	user, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, perr := user.PublicKey()
	seed, serr := user.Seed()
	seedFile := filepath.Join(dir, "app.nk")
	if err := errors.Join(perr, serr, os.WriteFile(seedFile, seed, 0o600)); err != nil {
		t.Fatal(err)
	}
	o := natsOptions(filepath.Join(dir, "js"), 0, nil)
	o.TLSConfig = config.Clone()
	o.TLSConfig.ClientAuth, o.TLSConfig.ClientCAs = tls.RequireAndVerifyClientCert, config.RootCAs
	o.TLSVerify = true
	o.Users = []*natsd.User{{Username: "app", Password: "s/e?c#r@t%"}}
	o.Nkeys = []*natsd.NkeyUser{{Nkey: public}}
	s, err := natsd.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(30 * time.Second) {
		t.Fatal("servers: nats does not answer")
	}
	return NATSSecure{URL: "tls://" + s.Addr().String(), CA: cert, Cert: cert, CertKey: key, NKey: seedFile}
}

// awaitLeader waits until a cluster can make streams.
func awaitLeader(all []*natsd.Server) error {
	if len(all) == 1 {
		return nil
	}
	end := time.Now().Add(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		ready := 0
		for _, s := range all {
			if s.JetStreamIsCurrent() && s.Healthz(nil).Status == "ok" {
				ready++
			}
		}
		if ready == len(all) {
			return nil
		}
		if time.Now().After(end) {
			break
		}
	}
	return errors.New("servers: the nats cluster found no leader")
}
