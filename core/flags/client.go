package flags

import (
	"context"
	"errors"
	"log/slog"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/features"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// Options are those of [New].
type Options struct {
	// Logger is told, as a warning, of providers that fail and of flags that are of another
	// type than the code wants; nil means [slog.Default], because nobody is told otherwise. A
	// flag that is unknown is a debug line.
	Logger *slog.Logger
	// Observer counts "features.evaluated" and "features.failed", both with the attribute
	// reason.
	Observer observe.Observer
}

// A Client is a [features.Evaluator] of a provider. It is safe for concurrent use, adds no
// allocation to what the provider makes, and keeps no answers: where asking costs a
// round trip, put a provider with a cache of its own before it. The zero value is not usable.
type Client struct {
	provider features.Provider
	opts     Options
}

var _ features.Evaluator = (*Client)(nil)

// New returns a client of a provider, or an error wrapping [features.Err] if it is nil.
func New(p features.Provider, opts Options) (*Client, error) {
	if p == nil {
		return nil, features.Err.Wrap(errors.New("the provider is nil; NewChain() has no flags"), "flags: client")
	}
	if opts.Logger == nil {
		opts.Logger = slog.Default()
	}
	return &Client{p, opts}, nil
}

// Evaluate evaluates a flag; see [features.Evaluator].
func (c *Client) Evaluate(ctx context.Context, key string, fallback any, s features.Subject) features.Evaluation {
	e, err := c.ask(ctx, key, s)
	switch {
	case err == nil && sameType(e.Value, fallback):
		if c.opts.Observer.Sink != nil {
			c.opts.Observer.Count(ctx, "features.evaluated", 1, slog.String("reason", string(e.Reason)))
		}
		return e
	case err == nil:
		e.Reason, e.Variant = features.TypeMismatch, ""
		err = features.ErrType.Wrap(nil, "flags: flag %.80q has a %T, and the code wants a %T", key, e.Value, fallback)
	case errors.Is(err, features.ErrFlagNotFound):
		e = features.Evaluation{Reason: features.FlagNotFound}
	default:
		e = features.Evaluation{Reason: features.ProviderError}
		err = features.ErrEvaluation.Wrap(err, "flags: flag %.80q", key)
	}
	e.Key, e.Value, e.Err = key, fallback, err
	if e.Type == "" {
		e.Type = features.Boolean
	}
	c.report(ctx, e)
	return e
}

// ask calls the provider, and recovers its panics.
func (c *Client) ask(ctx context.Context, key string, s features.Subject) (e features.Evaluation, err error) {
	err = errs.Catch(func() error {
		e, err = c.provider.Flag(ctx, key, s)
		return err
	})
	return e, err
}

// report tells of a fallback; the caller goes on without knowing.
func (c *Client) report(ctx context.Context, e features.Evaluation) {
	level := slog.LevelWarn
	if e.Reason == features.FlagNotFound || ctx.Err() != nil {
		level = slog.LevelDebug // a rollout begins so, and a request that was given up ends so
	}
	c.opts.Observer.Count(ctx, "features.failed", 1, slog.String("reason", string(e.Reason)))
	// Nothing is said about a panic of the handler: there is nobody left to tell.
	_ = errs.Catch(func() error {
		c.opts.Logger.LogAttrs(ctx, level, "feature flag fell back", slog.String("flag", e.Key), slog.String("reason", string(e.Reason)), slog.String("error", e.Err.Error()))
		return nil
	})
}
