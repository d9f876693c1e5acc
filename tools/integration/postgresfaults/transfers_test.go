package postgresfaults

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

const (
	accounts = 20
	workers  = 8
)

// transfers is how many there are: 10,000 by make prove-transfers.
func transfers(t *testing.T) int {
	t.Helper()
	s := os.Getenv("LEXIGRAM_TRANSFERS")
	if s == "" {
		return 500
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A bank moves money, and counts what became of it.
type bank struct {
	db                                   *postgres.DB
	done, repeated, unknown, onCommitted atomic.Int64
}

func (b *bank) open(t *testing.T, direct *postgres.DB) {
	t.Helper()
	exec(t, direct, "CREATE TABLE account (id bigint PRIMARY KEY, balance bigint NOT NULL)")
	exec(t, direct, "CREATE TABLE ledger (id bigint PRIMARY KEY)")
	exec(t, direct, "INSERT INTO account SELECT i, 1000 FROM generate_series(0, $1 - 1) i", accounts)
}

type move struct{ account, amount int }

// transfer does one, exactly once unless the outcome is unknown: it tries again
// after every error that says that nothing was done. Done twice, its number is refused.
func (b *bank) transfer(ctx context.Context, id int) error {
	for ctx.Err() == nil {
		err := b.db.InTx(ctx, func(ctx context.Context) error {
			sqldb.OnCommit(ctx, func(context.Context) { b.onCommitted.Add(1) })
			moves := []move{{id % accounts, -1}, {(id*7 + 1) % accounts, 1}}
			slices.SortFunc(moves, func(a, b move) int { return a.account - b.account }) // or they deadlock, which takes a second
			for _, move := range moves {
				if _, err := b.db.Exec(ctx, "UPDATE account SET balance = balance + $2 WHERE id = $1", move.account, move.amount); err != nil {
					return err
				}
			}
			_, err := b.db.Exec(ctx, "INSERT INTO ledger (id) VALUES ($1)", id)
			return err
		}, sqldb.MaxAttempts(1000))
		switch {
		case err == nil:
			b.done.Add(1)
			return nil
		case errors.Is(err, sqldb.ErrCommitUnknown):
			b.unknown.Add(1)
			return nil
		case !errors.Is(err, sqldb.ErrUnavailable):
			return err // ErrUnique: it was done before, and we were told that it was not
		}
		b.repeated.Add(1)
		pause := time.NewTimer(5 * time.Millisecond)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
		}
	}
	return context.Cause(ctx)
}

// run does all n, with the workers.
func (b *bank) run(t *testing.T, n int) {
	t.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for id := next.Add(1); id <= int64(n); id = next.Add(1) {
				if err := b.transfer(t.Context(), int(id)); err != nil {
					t.Errorf("transfer %d: %v", id, err)
				}
			}
		})
	}
	all.Wait()
}

// check compares what was said with what the server has.
func (b *bank) check(t *testing.T, direct *postgres.DB, n int) {
	t.Helper()
	rows, done, unknown := number(t, direct, "SELECT count(*) FROM ledger"), b.done.Load(), b.unknown.Load()
	t.Logf("%d transfers: %d done, %d unknown, %d repeated", n, done, unknown, b.repeated.Load())
	if done+unknown != int64(n) || rows < done || rows > done+unknown || b.onCommitted.Load() != done {
		t.Errorf("%d were done and %d unknown of %d, the server has %d, OnCommit was called %d times", done, unknown, n, rows, b.onCommitted.Load())
	}
	if sum := number(t, direct, "SELECT CAST(sum(balance) AS bigint) FROM account"); sum != 1000*accounts {
		t.Errorf("the sum is %d", sum)
	}
	moved := number(t, direct, "SELECT count(*) FROM (SELECT a.id FROM account a WHERE balance <> 1000 - (SELECT count(*) FROM ledger WHERE id % 20 = a.id) + (SELECT count(*) FROM ledger WHERE (id * 7 + 1) % 20 = a.id)) AS wrong")
	if moved != 0 {
		t.Errorf("%d accounts do not hold what the ledger says", moved)
	}
}

// The line breaks at every tenth COMMIT. Nothing is lost, nothing is done
// twice, and no outcome is unknown.
func TestTransfersCutAtCommit(t *testing.T) {
	url := servers.NewPostgres(t).Database(t)
	c := &cutter{one: 10}
	direct, b := open(t, url), &bank{db: open(t, c.url(t, url))}
	n := transfers(t)
	b.open(t, direct)
	b.run(t, n)
	b.check(t, direct, n)
	if b.unknown.Load() > 0 || c.before.Load() == 0 || c.after.Load() == 0 {
		t.Errorf("%d unknown; cut %d times before COMMIT and %d after", b.unknown.Load(), c.before.Load(), c.after.Load())
	}
	t.Logf("cut %d times before COMMIT and %d after", c.before.Load(), c.after.Load())
}

// The server crashes under load, and the line breaks too. What it was asked
// about after it came back, it knows.
func TestTransfersOverCrashes(t *testing.T) {
	server := servers.NewPostgres(t)
	url := server.Database(t)
	c := &cutter{one: 50}
	b := &bank{db: open(t, c.url(t, url))}
	n := transfers(t)
	b.open(t, open(t, url))
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		for range 3 {
			timer := time.NewTimer(400 * time.Millisecond)
			select {
			case <-timer.C:
			case <-stop:
				timer.Stop()
				stopped <- nil
				return
			}
			if err := errors.Join(server.Crash(), server.Start()); err != nil {
				stopped <- err
				return
			}
		}
		stopped <- nil
	}()
	b.run(t, n)
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	b.check(t, open(t, url), n)
}

// A server that stops and starts in good order costs what was in progress.
func TestRestartUnderLoad(t *testing.T) {
	server := servers.NewPostgres(t)
	b := &bank{db: open(t, server.Database(t))}
	b.open(t, b.db)
	done := make(chan struct{})
	go func() { defer close(done); b.run(t, transfers(t)) }()
	for range 2 {
		for start := b.done.Load(); b.done.Load() < start+20; {
			if err := t.Context().Err(); err != nil {
				t.Fatal(err)
			}
			timer := time.NewTimer(time.Millisecond)
			<-timer.C
		}
		if err := errors.Join(server.Stop(), server.Start()); err != nil {
			t.Fatal(err)
		}
	}
	<-done
	b.check(t, b.db, transfers(t))
}
