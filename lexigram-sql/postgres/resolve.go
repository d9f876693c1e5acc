package postgres

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A mark is what the outcome of a transaction is found by.
type mark struct {
	xid      string    // "" if it has none, which means that it wrote nothing
	started  time.Time // of the server
	at       time.Time // of the server's clock
	timeline string    // "" if it is not known
}

// markStatement goes with the statement that may be the first to write. Its
// columns come as text and in binary.
const markStatement = "SELECT CAST(pg_current_xact_id_if_assigned() AS text), pg_postmaster_start_time(), now()"

// timelineKey is where a connection keeps the timeline of its server.
const timelineKey = "lexigram.timeline"

const timelineStatement = "SELECT CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END"

func timelineOf(c *pgx.Conn) string {
	s, _ := c.PgConn().CustomData()[timelineKey].(string)
	return s
}

// An outcome is what the server says of a transaction.
type outcome uint8

const (
	undecided outcome = iota // ask again
	committed
	aborted
	lost // nobody can say any more
)

// resolve asks the server, until ctx ends, what became of a transaction whose
// COMMIT ended with err, which is no answer.
func (r *router) resolve(ctx context.Context, m mark, err error) error {
	if m.xid == "" {
		return sqldb.ErrCommitUnknown.Wrap(err, "postgres: commit")
	}
	pause := 10 * time.Millisecond
	for n := 0; ; n++ {
		switch o, aerr := r.outcome(ctx, m); {
		case aerr != nil && !errors.Is(aerr, sqldb.ErrUnavailable), o == lost:
			return sqldb.ErrCommitUnknown.Wrap(err, "postgres: commit")
		case o == committed:
			return nil
		case o == aborted:
			return sqldb.ErrUnavailable.Wrap(err, "postgres: commit: rolled back")
		case aerr == nil && n > 2:
			r.hangUp(ctx, m)
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
			pause = min(2*pause, 500*time.Millisecond)
		case <-ctx.Done():
			t.Stop()
			return sqldb.ErrCommitUnknown.Wrap(err, "postgres: commit")
		}
	}
}

// outcomeStatement asks for the transaction $1 and for the life of the server,
// which a process of it that dies ends too: that begins the statistics anew.
// A checkpoint that ends a recovery is one that nothing was written beside.
const outcomeStatement = `SELECT pg_xact_status(CAST(CAST($1 AS text) AS xid8)), pg_postmaster_start_time(),
	COALESCE(pg_stat_get_bgwriter_stat_reset_time(), pg_postmaster_start_time()),
	left(pg_walfile_name(pg_current_wal_lsn()), 8), redo_lsn = checkpoint_lsn, next_xid FROM pg_control_checkpoint()`

func (r *router) outcome(ctx context.Context, m mark) (outcome, error) {
	var status *string
	var started, anew time.Time
	var timeline, next string
	var recovered bool
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := r.pool.QueryRow(ctx, outcomeStatement, m.xid).Scan(&status, &started, &anew, &timeline, &recovered, &next)
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "22023" {
		return r.future(ctx, m)
	}
	if err != nil {
		return undecided, wrap(ctx, err, "ask what became of a transaction")
	}
	if status == nil { // too old to be remembered
		return lost, nil
	}
	switch {
	case !started.Equal(m.started):
		return m.survived(*status, timeline, recovered, next), nil
	case anew.After(m.at) && *status != "aborted": // it recovered, or somebody reset the statistics
		return lost, nil
	}
	return outcomes[*status], nil
}

// survived is the outcome where the server was started since, or is another
// one. Numbers of transactions that left no trace are given again: one that is
// committed may be of another life, as nobody can tell how many there were.
func (m mark) survived(status, timeline string, recovered bool, next string) outcome {
	switch {
	case m.timeline == "" || timeline != m.timeline:
		return lost
	case status != "committed":
		return aborted // what it says is of the transaction, or of one with its number
	case recovered && !before(m.xid, next): // of one that was begun since
		return aborted
	}
	return lost
}

var outcomes = map[string]outcome{"committed": committed, "aborted": aborted, "in progress": undecided}

// future is the outcome of a transaction whose number the server has not given
// yet: it crashed, and the transaction left no trace.
func (r *router) future(ctx context.Context, m mark) (outcome, error) {
	var started time.Time
	var timeline string
	err := r.pool.QueryRow(ctx, "SELECT pg_postmaster_start_time(), left(pg_walfile_name(pg_current_wal_lsn()), 8)").Scan(&started, &timeline)
	switch {
	case err != nil:
		return undecided, wrap(ctx, err, "ask what became of a transaction")
	case started.Equal(m.started) || m.timeline == "" || timeline != m.timeline:
		return lost, nil
	}
	return aborted, nil
}

// before reports whether xid comes before next, which is "epoch:number".
func before(xid, next string) bool {
	x, err := strconv.ParseUint(xid, 10, 64)
	epoch, low, ok := strings.Cut(next, ":")
	e, eerr := strconv.ParseUint(epoch, 10, 32)
	l, lerr := strconv.ParseUint(low, 10, 32)
	return err == nil && ok && eerr == nil && lerr == nil && x < e<<32|l
}

// hangUp ends the connection of the transaction if it waits for a COMMIT that
// was lost on the way.
func (r *router) hangUp(ctx context.Context, m mark) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	// An error means that it waits on: the outcome is asked for again.
	_, _ = r.pool.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE state = 'idle in transaction' AND backend_xid = CAST(CAST(CAST($1 AS text) AS xid8) AS xid)`, m.xid)
}
