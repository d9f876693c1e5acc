package sqldbtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func propagationRules() []Rule {
	return []Rule{
		{"join", "Join: inside another one a part of it", join},
		{"join fails the whole", "Join: an error or panic of fn fails the whole", joinFails},
		{"mandatory", "Mandatory: as Join; refused outside", mandatory},
		{"outermost", "Outermost: refused inside another one", outermost},
	}
}

func join(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	joined := sqldb.WithPropagation(sqldb.Join)
	called := 0
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		err := e.db.InTx(ctx, func(ctx context.Context) error {
			sqldb.OnCommit(ctx, func(context.Context) { called++ })
			return e.insert(ctx, name, 1)
		}, joined)
		if called > 0 {
			return errors.New("OnCommit of the inner one was called before the commit")
		}
		return errors.Join(err, e.insert(ctx, name, 2))
	}, joined) // outside of one it begins one
	if err == nil && called != 1 {
		err = fmt.Errorf("OnCommit of the inner one was called %d times", called)
	}
	return errors.Join(err, e.want(ctx, name, 1, 2))
}

func joinFails(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	var later error
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		_ = e.db.InTx(ctx, func(ctx context.Context) error { // swallowed
			return errors.Join(e.insert(ctx, name, 1), errOwn)
		}, sqldb.WithPropagation(sqldb.Join))
		later = e.insert(ctx, name, 2)
		return nil
	})
	err = errors.Join(wantIs("InTx after the joined one failed", err, errOwn), wantIs("a statement after it", later, sqldb.ErrTxAborted))
	if err != nil {
		return err
	}
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		defer func() { _ = recover() }()
		return e.db.InTx(ctx, func(ctx context.Context) error {
			if err := e.insert(ctx, name, 3); err != nil {
				return err
			}
			panic(errOwn)
		}, sqldb.WithPropagation(sqldb.Join))
	})
	if err == nil {
		return errors.New("InTx after the joined one panicked = nil")
	}
	return e.want(ctx, name)
}

func mandatory(ctx context.Context, e *env) error {
	return e.refuses(ctx, sqldb.Mandatory, e.db.InTx, func(ctx context.Context, fn func(context.Context) error, opts ...sqldb.TxOption) error {
		return e.db.InTx(ctx, func(ctx context.Context) error { return e.db.InTx(ctx, fn, opts...) })
	})
}

func outermost(ctx context.Context, e *env) error {
	return e.refuses(ctx, sqldb.Outermost, func(ctx context.Context, fn func(context.Context) error, opts ...sqldb.TxOption) error {
		return e.db.InTx(ctx, func(ctx context.Context) error { return e.db.InTx(ctx, fn, opts...) })
	}, e.db.InTx)
}

// inTx runs a function in some transaction.
type inTx func(ctx context.Context, fn func(context.Context) error, opts ...sqldb.TxOption) error

// refuses returns an error unless p is refused by one and obeyed by the other.
func (e *env) refuses(ctx context.Context, p sqldb.Propagation, refused, obeyed inTx) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	called := false
	err = refused(ctx, func(context.Context) error { called = true; return nil }, sqldb.WithPropagation(p))
	if err := wantIs("InTx", err, sqldb.ErrTxOptions); err != nil || called {
		return errors.Join(err, fmt.Errorf("fn called: %v", called))
	}
	err = obeyed(ctx, func(ctx context.Context) error { return e.insert(ctx, name, 1) }, sqldb.WithPropagation(p))
	return errors.Join(err, e.want(ctx, name, 1))
}
