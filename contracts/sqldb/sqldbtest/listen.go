package sqldbtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func listenRules() []Rule {
	return []Rule{
		{"listen", "Listen sends a value soon after a commit that notified channel", listen},
		{"notify commits", "Notify does so, when the ambient transaction commits", notifyCommits},
		{"listen ends", "until ctx ends, which closes the channel", listenEnds},
		{"listen to a name", "channel has 1 to 63 bytes", listenNames},
	}
}

// listener returns the ability and a channel of the rule's own, or skips.
func (e *env) listener(ctx context.Context) (sqldb.Listener, string, error) {
	l, ok := e.db.(sqldb.Listener)
	if !ok {
		return nil, "", errSkip
	}
	probe, cancel := context.WithCancel(ctx)
	defer cancel()
	if _, err := l.Listen(probe, "lexigram_test"); err != nil {
		return nil, "", able(err)
	}
	return l, fmt.Sprintf("Lexigram \"test\" %016x", rand.Uint64()), nil
}

// woken reports whether a value comes within ticks.
func (e *env) woken(ch <-chan struct{}, ticks int) bool {
	timer := time.NewTimer(time.Duration(ticks) * e.tick)
	defer timer.Stop()
	select {
	case _, ok := <-ch:
		return ok
	case <-timer.C:
		return false
	}
}

func listen(ctx context.Context, e *env) error {
	l, channel, err := e.listener(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	one, err := l.Listen(ctx, channel)
	if err != nil {
		return err
	}
	two, err := l.Listen(ctx, channel)
	if err != nil {
		return err
	}
	if e.woken(one, 4) {
		return errors.New("a value came before anybody notified")
	}
	for range 3 {
		if err := l.Notify(ctx, channel); err != nil {
			return err
		}
		if !e.woken(one, 100) || !e.woken(two, 100) {
			return errors.New("no value came to both who listen")
		}
	}
	if err := l.Notify(ctx, channel+"x"); err != nil {
		return err
	}
	if e.woken(one, 4) {
		return errors.New("the notification of another channel came")
	}
	return nil
}

func notifyCommits(ctx context.Context, e *env) error {
	l, channel, err := e.listener(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ch, err := l.Listen(ctx, channel)
	if err != nil {
		return err
	}
	for _, own := range []error{errOwn, nil} {
		err := e.db.InTx(ctx, func(ctx context.Context) error {
			if err := l.Notify(ctx, channel); err != nil {
				return err
			}
			if e.woken(ch, 4) {
				return errors.New("a value came before the commit")
			}
			return own
		})
		if !errors.Is(err, own) {
			return err
		}
		if woken := e.woken(ch, 4); own != nil && woken {
			return errors.New("a value came of a transaction that was rolled back")
		} else if own == nil && !woken && !e.woken(ch, 100) {
			return errors.New("no value came after the commit")
		}
	}
	return nil
}

func listenEnds(ctx context.Context, e *env) error {
	l, channel, err := e.listener(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	ch, err := l.Listen(ctx, channel)
	if err != nil {
		cancel()
		return err
	}
	cancel()
	timer := time.NewTimer(100 * e.tick)
	defer timer.Stop()
	for {
		select {
		case _, ok := <-ch:
			if !ok {
				return nil
			}
		case <-timer.C:
			return errors.New("the channel was not closed after ctx had ended")
		}
	}
}

func listenNames(ctx context.Context, e *env) error {
	l, _, err := e.listener(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if _, err := l.Listen(ctx, "lexigram_test"); err != nil {
		return err
	}
	for _, name := range []string{"", strings.Repeat("x", 64), "\x00"} {
		_, err := l.Listen(ctx, name)
		if err := errors.Join(wantIs("Listen", err, sqldb.ErrArgument), wantIs("Notify", l.Notify(ctx, name), sqldb.ErrArgument)); err != nil {
			return fmt.Errorf("channel %.8q: %w", name, err)
		}
	}
	return nil
}
