package sqldbtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func repeatRules() []Rule {
	return []Rule{
		{"repeats", "The outermost InTx calls fn again on ErrSerialization", repeats},
		{"bounded repeats", "as often as its own options allow: 0 means 5, 1 means once", boundedRepeats},
		{"inner ones never repeat", "inner ones never do", innerNeverRepeat},
		{"lost race", "ErrSerialization: lost a race; the outermost InTx calls fn again", lostRace},
	}
}

func repeats(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	attempt := 0
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		attempt++
		if err := e.insert(ctx, name, attempt); err != nil {
			return err
		}
		if attempt < 3 {
			return fmt.Errorf("wrapped: %w", sqldb.ErrSerialization)
		}
		return nil
	})
	if err != nil || attempt != 3 {
		return fmt.Errorf("InTx that lost two races = %v after %d attempts", err, attempt)
	}
	return e.want(ctx, name, 3)
}

func boundedRepeats(ctx context.Context, e *env) error {
	for _, c := range []struct {
		opts []sqldb.TxOption
		want int
	}{{nil, 5}, {[]sqldb.TxOption{sqldb.MaxAttempts(1)}, 1}, {[]sqldb.TxOption{sqldb.MaxAttempts(2)}, 2}} {
		attempts := 0
		err := e.db.InTx(ctx, func(context.Context) error { attempts++; return sqldb.ErrSerialization }, c.opts...)
		if !errors.Is(err, sqldb.ErrSerialization) || attempts != c.want {
			return fmt.Errorf("InTx that always loses = %v after %d attempts, want %d", err, attempts, c.want)
		}
	}
	attempts := 0
	err := e.db.InTx(ctx, func(context.Context) error { attempts++; return errOwn })
	if attempts != 1 {
		return fmt.Errorf("InTx that fails with another error = %v after %d attempts, want 1", err, attempts)
	}
	return nil
}

func innerNeverRepeat(ctx context.Context, e *env) error {
	outer, inner := 0, 0
	err := e.db.InTx(ctx, func(ctx context.Context) error {
		outer++
		return e.db.InTx(ctx, func(context.Context) error { inner++; return sqldb.ErrSerialization })
	}, sqldb.MaxAttempts(3))
	if !errors.Is(err, sqldb.ErrSerialization) || outer != 3 || inner != 3 {
		return fmt.Errorf("nested InTx that always loses = %v after %d outer and %d inner attempts, want 3 and 3", err, outer, inner)
	}
	return nil
}

// lostRace has another transaction change what this one has read.
func lostRace(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 1)
	if err != nil {
		return err
	}
	attempts := 0
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		attempts++
		if err := e.want(ctx, name, int64(attempts)); err != nil {
			return err
		}
		if attempts == 1 {
			err := e.db.InTx(ctx, func(ctx context.Context) error {
				_, err := e.db.Exec(ctx, "UPDATE "+name+" SET n = 2")
				return err
			}, sqldb.WithPropagation(sqldb.Separate))
			if errors.Is(err, errors.ErrUnsupported) {
				return errSkip
			}
			if err != nil {
				return err
			}
		}
		_, err := e.db.Exec(ctx, "UPDATE "+name+" SET n = n + 10")
		return err
	}, sqldb.WithIsolation(sqldb.Serializable))
	if err != nil || attempts != 2 {
		return fmt.Errorf("InTx that lost a race = %w after %d attempts, want success after 2", err, attempts)
	}
	return e.want(ctx, name, 12)
}
