package router

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// A Middleware makes a handler of another one, to do something before and after
// it, or instead. It is called once for each subscription. The handlers it makes
// are safe for concurrent use.
type Middleware = func(next events.Handler) events.Handler

// Recover makes an error of a panic: an [*errs.PanicError]. A router does so
// innermost and outermost in any case.
func Recover(next events.Handler) events.Handler {
	return func(ctx context.Context, ev events.Event) error {
		return errs.Catch(func() error { return next(ctx, ev) })
	}
}

// Timeout ends the context of a call of the handler after d, sooner than the
// subscription does. A handler that minds its context then returns an error of
// kind [errs.Timeout].
func Timeout(d time.Duration) Middleware {
	return func(next events.Handler) events.Handler {
		return func(ctx context.Context, ev events.Event) error {
			ctx, cancel := context.WithTimeout(ctx, d)
			defer cancel()
			return next(ctx, ev)
		}
	}
}

// Retry calls the handler again at once, without giving the event back to the
// bus, while its error is of a kind that passes: [errs.Unavailable],
// [errs.Exhausted], [errs.Timeout] or [errs.Conflict]; or while cfg.RetryIf, if
// not nil, says so. Poison is never tried again. It ends with the last error, or with ctx,
// whose end during a wait is not an error of its own: the last error is. Keys are held
// back meanwhile, and the subscription's Timeout is for all of the calls together.
// cfg.Validate tells what is out of range; defaults are for what is zero.
func Retry(cfg resilience.RetryConfig) Middleware {
	cfg = cfg.WithDefaults()
	again := cfg.RetryIf
	if again == nil {
		again = passes
	}
	return func(next events.Handler) events.Handler {
		return func(ctx context.Context, ev events.Event) error {
			delay := cfg.BaseDelay
			for attempt := 1; ; attempt++ {
				err := next(ctx, ev)
				if err == nil || errors.Is(err, events.ErrPoison) || attempt >= cfg.MaxAttempts || !again(err) {
					return err
				}
				wait := time.NewTimer(rand.N(min(delay, cfg.MaxDelay) + 1)) // full jitter
				select {
				case <-wait.C:
				case <-ctx.Done():
					wait.Stop()
					return err
				}
				if ctx.Err() != nil {
					return err
				}
				delay = time.Duration(min(float64(delay)*cfg.Factor, float64(cfg.MaxDelay)))
			}
		}
	}
}

func passes(err error) bool {
	switch errs.KindOf(err) {
	case errs.Unavailable, errs.Exhausted, errs.Timeout, errs.Conflict:
		return true
	}
	return false
}

// Poison sends events whose handler fails with an error of one of the kinds to
// the dead letters, with the error as the reason, instead of having the bus
// deliver them again. None means Invalid, Denied, Unauthenticated and
// Unsupported: what another attempt cannot mend.
func Poison(kinds ...errs.Kind) Middleware {
	if len(kinds) == 0 {
		kinds = []errs.Kind{errs.Invalid, errs.Denied, errs.Unauthenticated, errs.Unsupported}
	}
	kinds = slices.Clone(kinds)
	return func(next events.Handler) events.Handler {
		return func(ctx context.Context, ev events.Event) error {
			err := next(ctx, ev)
			if err != nil && !errors.Is(err, events.ErrPoison) && slices.Contains(kinds, errs.KindOf(err)) {
				return events.ErrPoison.Wrap(err, "router: event %.40q of type %.70q", ev.ID, ev.Type)
			}
			return err
		}
	}
}

// An Inbox remembers what was handled, such as an outbox.Inbox of this module.
type Inbox interface {
	// Once calls fn and records, together with what fn does, that consumer
	// handled ev; or returns nil without calling fn if that is recorded.
	Once(ctx context.Context, consumer string, ev events.Event, fn func(ctx context.Context) error) error
}

// Dedupe has the handler handle an event once, however often the bus delivers
// it. consumer names who handles it; the group's name does.
func Dedupe(in Inbox, consumer string) Middleware {
	return func(next events.Handler) events.Handler {
		return func(ctx context.Context, ev events.Event) error {
			return in.Once(ctx, consumer, ev, func(ctx context.Context) error { return next(ctx, ev) })
		}
	}
}

// Log tells log of every failure, with the event's type and ID and how long the
// handler took, and at the level debug of every success.
func Log(log *slog.Logger) Middleware {
	return func(next events.Handler) events.Handler {
		return func(ctx context.Context, ev events.Event) error {
			start := time.Now()
			err := next(ctx, ev)
			attrs := []slog.Attr{slog.String("id", ev.ID), slog.String("type", ev.Type), slog.Duration("took", time.Since(start))}
			if err == nil {
				log.LogAttrs(ctx, slog.LevelDebug, "event handled", attrs...)
				return nil
			}
			var p *errs.PanicError
			if errors.As(err, &p) {
				attrs = append(attrs, slog.String("stack", string(p.Stack)))
			}
			log.LogAttrs(ctx, slog.LevelWarn, "event was not handled", append(attrs, slog.Any("error", err))...)
			return err
		}
	}
}

// Trace reports each call of the handler as the operation "events.handle" in the
// trace that the event carries, and its seconds as "events.handle.duration",
// with the event's type. It is for buses that do not do so themselves.
func Trace(o observe.Observer) Middleware {
	return func(next events.Handler) events.Handler {
		return func(ctx context.Context, ev events.Event) error {
			start := time.Now()
			ctx, end := o.Start(o.Extract(ctx, ev.Headers), "events.handle", slog.String("type", ev.Type))
			err := next(ctx, ev)
			end(err)
			o.Record(ctx, "events.handle.duration", time.Since(start).Seconds(), slog.String("type", ev.Type))
			return err
		}
	}
}
