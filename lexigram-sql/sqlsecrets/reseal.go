package sqlsecrets

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

const perPage = 100

// Reseal seals every version of every secret with the current key of the sealer, one
// after another, and returns how many: after it the keys before may be destroyed. It is
// safe beside everything else and may be repeated; it stays out of the transaction of
// ctx. What does not open is left as it is, and its [*security.SecretAccessError] is
// one of those that are joined in the error.
func (s *Store) Reseal(ctx context.Context) (n int, err error) {
	ctx = sqldb.Detach(ctx)
	var unopened []error
	for last := int64(0); ; {
		page, err := collect(ctx, s.db, "seq > $1 ORDER BY seq LIMIT $2", last, perPage)
		if err != nil {
			return n, security.Err.Wrap(errors.Join(append(unopened, err)...), "sqlsecrets: reseal")
		}
		for _, r := range page {
			last = r.seq
			changed, err := s.reseal(ctx, r)
			switch {
			case err == nil:
				n += changed
			case errors.Is(err, security.ErrOpen):
				unopened = append(unopened, err)
			default:
				return n, errs.Join(append(unopened, err)...)
			}
		}
		if len(page) < perPage {
			return n, errs.Join(unopened...)
		}
	}
}

// reseal seals a version, and returns 0 if it was deleted meanwhile.
func (s *Store) reseal(ctx context.Context, r row) (int, error) {
	const op = "reseal"
	plain, err := s.open(ctx, op, r.name, r.version, r.sealed)
	if err != nil {
		return 0, err
	}
	sealed, err := s.sealer.Seal(ctx, purpose(r.name, r.version), []byte(plain.Reveal()))
	if err != nil {
		return 0, failed(op, r.name, err)
	}
	changed, err := s.db.Exec(ctx, "UPDATE lexigram_secrets SET sealed = $2 WHERE seq = $1", r.seq, sealed)
	if err != nil {
		return 0, failed(op, r.name, err)
	}
	return int(changed), nil
}
