package ditest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// The services of the rules. They have a field so that two pointers differ.
type (
	alpha struct{ _ int }
	beta  struct{ alpha *alpha }
	gamma struct{ beta *beta }
)

var (
	alphaKey = di.KeyOf[*alpha]()
	betaKey  = di.KeyOf[*beta]()
	gammaKey = di.KeyOf[*gamma]()
)

// A stopper can shut down by itself, and says so.
type stopper struct{ journal *journal }

var errStopper = errors.New("stopper")

func (s *stopper) Shutdown(context.Context) error {
	*s.journal = append(*s.journal, "stopper")
	return errStopper
}

func newAlpha(context.Context, di.Resolver) (*alpha, error) { return &alpha{}, nil }

func newBeta(ctx context.Context, r di.Resolver) (*beta, error) {
	a, err := di.Get[*alpha](ctx, r)
	return &beta{alpha: a}, err
}

func newGamma(ctx context.Context, r di.Resolver) (*gamma, error) {
	b, err := di.Get[*beta](ctx, r)
	return &gamma{beta: b}, err
}

// provideAll registers a chain, gamma needs beta needs alpha, of one lifetime.
func provideAll(c di.Registrar, l di.Lifetime, opts ...di.Option) error {
	return errors.Join(
		di.Provide(c, l, newAlpha, opts...),
		di.Provide(c, l, newBeta, append(slices.Clip(opts), di.Needs(alphaKey))...),
		di.Provide(c, l, newGamma, append(slices.Clip(opts), di.Needs(betaKey))...),
	)
}

// ready freezes c after registrations that returned errs.
func ready(c di.Container, errs ...error) error {
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("Register = %w", err)
	}
	if err := c.Freeze(); err != nil {
		return fmt.Errorf("Freeze = %w", err)
	}
	return nil
}

// want returns an error unless err matches the sentinel and names every key.
func want(what string, err, sentinel error, keys ...di.Key) error {
	if !errors.Is(err, sentinel) {
		return fmt.Errorf("%s = %v, want an error that is %v", what, err, sentinel)
	}
	for _, k := range keys {
		if !strings.Contains(err.Error(), k.String()) {
			return fmt.Errorf("%s = %v, which does not name %v", what, err, k)
		}
	}
	return nil
}

// A journal notes in which order values were released.
type journal []string

// noting returns an option that notes the release of a T, and fails it with err.
func noting[T any](j *journal, name string, err error) di.Option {
	return di.Closed(func(context.Context, T) error {
		*j = append(*j, name)
		return err
	})
}

func (j journal) is(names ...string) error {
	if !slices.Equal(j, names) {
		return fmt.Errorf("released %v, want %v", []string(j), names)
	}
	return nil
}
