package outbox

import (
	"context"
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

// settle records outcomes, in one transaction. Only rows that are still under
// the claim are touched: when a lease was lost, the row is somebody else's. It
// returns how many were not.
func (r *Relay) settle(ctx context.Context, outs []outcome) (lost int, err error) {
	err = r.db.InTx(ctx, func(ctx context.Context) error {
		touched := int64(0)
		sentBy := map[string][]any{}
		for _, o := range outs {
			if o.verdict == sent {
				sentBy[o.token] = append(sentBy[o.token], o.seq)
				continue
			}
			n, err := r.settleOne(ctx, o)
			if err != nil {
				return err
			}
			touched += n
		}
		for token, seqs := range sentBy {
			n, err := r.settleSent(ctx, token, seqs)
			if err != nil {
				return err
			}
			touched += n
		}
		lost = len(outs) - int(touched)
		return nil
	})
	return lost, err
}

func (r *Relay) settleSent(ctx context.Context, token string, seqs []any) (int64, error) {
	var sql strings.Builder
	sql.WriteString("UPDATE lexigram_outbox SET status = 1, settled_at = $1, owner = '', hold_until = 0, reason = '' WHERE status = 0 AND owner = $2 AND seq IN (")
	writePlaceholders(&sql, 3, len(seqs))
	sql.WriteByte(')')
	return r.db.Exec(ctx, sql.String(), append([]any{r.opts.Clock.Now().UnixMicro(), token}, seqs...)...)
}

func (r *Relay) settleOne(ctx context.Context, o outcome) (int64, error) {
	const where = " WHERE status = 0 AND seq = $1 AND owner = $2"
	now := r.opts.Clock.Now()
	switch o.verdict {
	case release:
		return r.db.Exec(ctx, "UPDATE lexigram_outbox SET owner = '', hold_until = 0"+where, o.seq, o.token)
	case dead:
		return r.db.Exec(ctx, "UPDATE lexigram_outbox SET owner = '', hold_until = 0, status = 2, attempts = attempts + 1, settled_at = $3, reason = $4"+where,
			o.seq, o.token, now.UnixMicro(), o.reason)
	}
	failures := 0
	if o.verdict == retry {
		failures = 1
	}
	return r.db.Exec(ctx, "UPDATE lexigram_outbox SET owner = '', hold_until = $3, attempts = attempts + $4, reason = $5"+where,
		o.seq, o.token, now.Add(r.opts.backoff(o.attempts+failures)).UnixMicro(), failures, o.reason)
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
