package di

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Invoke calls fn with a scope of its own, as a command, a job or a request has
// one, and closes the scope when fn has returned. It returns the errors of fn
// and of closing, joined. A panic of fn is an error, an [errs.PanicError], and the
// scope is closed all the same. fn gets ctx; closing gets its values, and goes on
// when ctx has ended.
func Invoke(ctx context.Context, s Scoper, fn func(ctx context.Context, r Resolver) error) error {
	scope := s.NewScope()
	err := errs.Catch(func() error { return fn(ctx, scope) })
	if failed := scope.Close(context.WithoutCancel(ctx)); failed != nil {
		return errors.Join(err, failed)
	}
	return err
}
