package sqllock_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqllock"
)

// ears is a database that knows which names are held, and notifies.
type ears struct {
	sqldb.DB
	mu        sync.Mutex
	held      map[string]bool
	listening map[chan struct{}]bool
	asked     int // statements
	failed    error
}

func (*ears) Dialect() sqldb.Dialect { return sqldb.Postgres }

func (d *ears) Listen(ctx context.Context, _ string) (<-chan struct{}, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed != nil {
		return nil, d.failed
	}
	ch := make(chan struct{}, 1)
	d.listening[ch] = true
	context.AfterFunc(ctx, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.listening[ch] {
			delete(d.listening, ch)
			close(ch)
		}
	})
	return ch, nil
}

// deafen ends all listening, as a database does that is closed.
func (d *ears) deafen() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for ch := range d.listening {
		delete(d.listening, ch)
		close(ch)
	}
}

func (d *ears) Notify(context.Context, string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for ch := range d.listening {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
	return nil
}

func (d *ears) free(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.held, name)
}

func (d *ears) Exec(_ context.Context, _ string, args ...any) (int64, error) { // a release
	d.free(string(args[0].([]byte)))
	return 1, nil
}

func (d *ears) Query(_ context.Context, sql string, args ...any) (sqldb.Rows, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	r := &answers{}
	for _, a := range args {
		if name := string(a.([]byte)); d.held[name] {
			if strings.HasPrefix(sql, "SELECT name") {
				r.rows = append(r.rows, []byte(name))
			} else {
				r.rows = append(r.rows, time.Hour.Microseconds())
			}
		}
	}
	return r, nil
}

// answers are rows of one column.
type answers struct {
	sqldb.Rows
	rows []any
	at   any
}

func (r *answers) Next() bool {
	if len(r.rows) == 0 {
		return false
	}
	r.at, r.rows = r.rows[0], r.rows[1:]
	return true
}

func (r *answers) Scan(dest ...any) error {
	switch d := dest[0].(type) {
	case *[]byte:
		*d = r.at.([]byte)
	case *int64:
		*d = r.at.(int64)
	}
	return nil
}

func (*answers) Err() error   { return nil }
func (*answers) Close() error { return nil }

func newEars(t *testing.T, held ...string) (*ears, *sqllock.Store) {
	t.Helper()
	d := &ears{held: map[string]bool{}, listening: map[chan struct{}]bool{}}
	for _, name := range held {
		d.held[name] = true
	}
	s, err := sqllock.New(d, sqllock.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d, s
}

// listeners returns how many listen once everything has come to rest.
func (d *ears) listeners() int {
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.listening)
}

func TestWaitersShareAnEar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, s := newEars(t, "a", "b")
		var wg sync.WaitGroup
		woken := map[string]int{}
		var mu sync.Mutex
		for i := range 6 {
			wg.Go(func() {
				name := []string{"a", "b"}[i%2]
				if err := s.Wait(t.Context(), name); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				woken[name]++
			})
		}
		if n := d.listeners(); n != 1 {
			t.Errorf("%d listen, want 1", n)
		}
		d.asked = 0
		if err := s.Release(t.Context(), "a", "owner"); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if woken["a"] != 3 || woken["b"] != 0 || d.asked != 1 {
			t.Errorf("a release of one name wakes %v, and asks %d times", woken, d.asked)
		}
		time.Sleep(9 * time.Second)
		if n := d.listeners(); n != 1 {
			t.Errorf("%d listen although somebody waits", n)
		}
		if err := s.Release(t.Context(), "b", "owner"); err != nil {
			t.Error(err)
		}
		wg.Wait()
		time.Sleep(9 * time.Second)
		if n := d.listeners(); n != 1 {
			t.Errorf("%d listen 9 s after the last has left, want 1", n)
		}
		if err := s.Wait(t.Context(), "free"); err != nil { // which begins the time anew
			t.Error(err)
		}
		time.Sleep(9 * time.Second)
		if n := d.listeners(); n != 1 {
			t.Errorf("%d listen 9 s after the last has left again", n)
		}
		time.Sleep(2 * time.Second)
		if n := d.listeners(); n != 0 {
			t.Errorf("%d listen 11 s after the last has left", n)
		}
	})
}

func TestWaitHearsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, s := newEars(t, "a")
		waited := make(chan error, 1)
		go func() { waited <- s.Wait(t.Context(), "a") }()
		synctest.Wait()
		d.deafen() // the database is closed
		if err := <-waited; err == nil || !errors.Is(err, lock.Err) {
			t.Errorf("of a database that is closed: %v", err)
		}
		d.failed = errors.New("too many connections")
		if err := s.Wait(t.Context(), "a"); !errors.Is(err, d.failed) {
			t.Errorf("of one that does not listen: %v", err)
		}
		d.failed = nil
		go func() { waited <- s.Wait(t.Context(), "a") }()
		synctest.Wait()
		d.free("a") // and nobody notifies: the lease ended by time
		began := time.Now()
		if err := <-waited; err != nil || time.Since(began) > 31*time.Second {
			t.Errorf("of a lease that ended by time: after %v, %v", time.Since(began), err)
		}
		time.Sleep(time.Minute)
		if n := d.listeners(); n != 0 {
			t.Errorf("%d listen in the end", n)
		}
	})
}
