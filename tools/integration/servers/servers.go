// Package servers gives tests real servers. It starts those that are installed,
// on loopback, with free ports and temporary directories, one of each kind for
// a test binary, and stops them by their own handles when the tests are done.
//
// What is not installed is skipped loudly: each test says how to get it, [Main]
// counts, and with LEXIGRAM_REQUIRE=all in the environment the tests fail instead.
//
//	func TestMain(m *testing.M) { servers.Main(m) }
//
//	func TestRows(t *testing.T) {
//		url := servers.Postgres(t)
//		…
//	}
package servers

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// binary is what the running test binary has started and missed. It is the one
// variable of this package: a server that all tests of a binary share needs it.
var binary state

// A state belongs to one test binary.
type state struct {
	mu         sync.Mutex
	main       bool // Main runs, so that somebody will stop what is started
	stops      []func() error
	missing    map[string]int // what was said to how many tests
	postgres   sync.Mutex     // held while the shared server starts
	shared     *PostgresServer
	sharedEr   error
	redis      redisState
	nats       natsKind // one server
	cluster    natsKind // three
	natsServer natsBinary
}

// Main runs the tests of m, stops the servers that they started, prints what
// was missing, checks that no goroutine is left and exits. A package that uses
// this one calls it in TestMain.
func Main(m *testing.M) {
	goleak.VerifyTestMain(runner{m, &binary, os.Stderr})
}

// A runner is a goleak.TestingM that stops what the tests started.
type runner struct {
	tests interface{ Run() int }
	state *state
	out   io.Writer
}

// Run returns the exit code of the tests, or 1 if a server could not be stopped.
func (r runner) Run() int {
	if require := os.Getenv("LEXIGRAM_REQUIRE"); require != "" && require != "all" {
		fmt.Fprintf(r.out, "servers: LEXIGRAM_REQUIRE is %q: set it to all or not at all\n", require)
		return 2
	}
	r.state.mu.Lock()
	r.state.main = true
	r.state.mu.Unlock()
	code := r.tests.Run()
	if err := r.state.stop(); err != nil {
		fmt.Fprintln(r.out, "servers:", err)
		code = max(code, 1)
	}
	r.state.summarise(r.out)
	return code
}

// onStop registers stop to be called when the tests are done.
func (s *state) onStop(stop func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stops = append(s.stops, stop)
}

// stop stops everything, the youngest first.
func (s *state) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, stop := range slices.Backward(s.stops) {
		errs = append(errs, stop())
	}
	s.stops = nil
	return errors.Join(errs...)
}

// summarise prints how many tests lacked what.
func (s *state) summarise(out io.Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, what := range slices.Sorted(maps.Keys(s.missing)) {
		fmt.Fprintf(out, "servers: %d tests for want of %s\n", s.missing[what], what)
	}
}

// Installable says of something missing whether make servers installs it.
type Installable bool

// Missing ends the test, because what names something that is not there, and
// how to get it. The test is skipped and counted; with LEXIGRAM_REQUIRE=all it
// fails, unless nobody could have installed it.
func Missing(t testing.TB, what string, can Installable) {
	t.Helper()
	if binary.miss(t, what, can, os.Getenv("LEXIGRAM_REQUIRE")) {
		t.Fatalf("servers: LEXIGRAM_REQUIRE=all, and there is no %s", what)
	}
	t.Skipf("servers: no %s", what)
}

// miss counts the test and reports whether it is to fail.
func (s *state) miss(t testing.TB, what string, can Installable, require string) bool {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.missing == nil {
		s.missing = make(map[string]int)
	}
	s.missing[what]++
	return require == "all" && bool(can)
}

// mustMain fails the test unless Main runs.
func (s *state) mustMain(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.main {
		t.Fatal("servers: nobody would stop the server: call servers.Main in TestMain")
	}
}
