package sqlqueue

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An outcome is what became of a row that was claimed.
type outcome struct {
	row
	verdict verdict
	reason  string // of a failure
}

type verdict uint8

const (
	sent     verdict = iota
	retry            // later, because it failed
	postpone         // later; the failure is not its own
	release          // at once; it was not tried
	dead
)

func (v verdict) String() string {
	return [...]string{"sent", "retry", "postpone", "release", "dead"}[v]
}

// settle records outcomes, all or none. Only rows that are still under the
// claim are touched: when a lease was lost, the row is somebody else's. It
// returns how many were not.
func (p *Pump) settle(ctx context.Context, outs []outcome) (lost int, err error) {
	sentBy, others := map[string][]byte{}, []outcome(nil) // sequence numbers: as one argument they are one statement, however many
	for _, o := range outs {
		if o.verdict != sent {
			others = append(others, o)
			continue
		}
		seqs := sentBy[o.token]
		if len(seqs) > 0 {
			seqs = append(seqs, ',')
		}
		sentBy[o.token] = strconv.AppendInt(seqs, o.seq, 10)
	}
	var touched int64
	record := func(ctx context.Context) error {
		touched = 0
		for _, o := range others {
			n, err := p.settleOne(ctx, o)
			if err != nil {
				return err
			}
			touched += n
		}
		for token, seqs := range sentBy {
			n, err := p.settleSent(ctx, token, seqs)
			if err != nil {
				return err
			}
			touched += n
		}
		return nil
	}
	if len(others) == 0 && len(sentBy) == 1 { // one statement
		err = record(ctx)
	} else {
		err = p.table.DB.InTx(ctx, record)
	}
	return len(outs) - int(touched), err
}

func (p *Pump) settleSent(ctx context.Context, token string, seqs []byte) (int64, error) {
	return p.table.DB.Exec(ctx, p.table.done, p.opts.Clock.Now().UnixMicro(), token, string(seqs))
}

func (p *Pump) settleOne(ctx context.Context, o outcome) (int64, error) {
	const where = " WHERE status = 0 AND seq = $1 AND owner = $2"
	update, db, now := "UPDATE "+p.table.name+" SET owner = '', hold_until = ", p.table.DB, p.opts.Clock.Now()
	switch {
	case o.verdict == release:
		return db.Exec(ctx, update+"0"+where, o.seq, o.token)
	case o.verdict == dead && p.opts.Drop:
		return db.Exec(ctx, p.table.dropped, o.seq, o.token, now.UnixMicro(), o.reason)
	case o.verdict == dead:
		return db.Exec(ctx, update+"0, status = 2, attempts = attempts + 1, settled_at = $3, reason = $4"+where,
			o.seq, o.token, now.UnixMicro(), o.reason)
	}
	failures := 0
	if o.verdict == retry {
		failures = 1
	}
	return db.Exec(ctx, update+"$3, attempts = attempts + $4, reason = $5"+where,
		o.seq, o.token, now.Add(p.opts.backoff(o.attempts+failures)).UnixMicro(), failures, o.reason)
}

// reasonOf returns err's text, as much as the table should hold.
func reasonOf(err error) string {
	s := strings.ToValidUTF8(strings.ReplaceAll(err.Error(), "\x00", ""), "\uFFFD")
	const most = 2000
	if len(s) > most {
		s = s[:most]
		for !utf8.ValidString(s) {
			s = s[:len(s)-1]
		}
	}
	return s
}
