package storagetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// writers is how many race for one blob.
const writers = 8

var raceRules = []rule{
	{
		name: "one creates",
		says: "of many that Put with IfAbsent at the same time, exactly one succeeds, and its blob stands",
		check: func(e *env) error {
			for round := range e.rounds {
				if err := race(e, fmt.Sprintf("k%d", round), storage.IfAbsent()); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "one replaces",
		says: "of many that Put with the same IfMatch at the same time, exactly one succeeds, and its blob stands",
		check: func(e *env) error {
			for round := range e.rounds {
				key := fmt.Sprintf("k%d", round)
				old, err := e.put(key, "old")
				if err != nil {
					return err
				}
				if err := race(e, key, storage.IfMatch(old.ETag)); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "readers see whole blobs",
		says: "a reader sees either the old blob or the new one, bytes and Info, whole",
		check: func(e *env) error {
			if err := rewrite(e, "c", 50_000, 1); err != nil {
				return err
			}
			var done atomic.Bool
			return together(
				func() error {
					defer done.Store(true)
					return together(
						func() error { return rewrite(e, "a", 100_000, e.rounds) },
						func() error { return rewrite(e, "b", 150_000, e.rounds) })
				},
				func() error { return reread(e, &done) },
				func() error { return reread(e, &done) },
			)
		},
	},
	{
		name: "concurrent use",
		says: "a Store is safe for concurrent use",
		check: func(e *env) error {
			work := make([]func() error, writers)
			for i := range work {
				work[i] = func() error { return churn(e, fmt.Sprintf("dir/%d", i)) }
			}
			if err := together(work...); err != nil {
				return err
			}
			for i := range work {
				if err := e.holds(fmt.Sprintf("dir/%d stays", i), "v"); err != nil {
					return err
				}
			}
			return nil
		},
	},
}

// together runs all at the same time and returns what failed.
func together(all ...func() error) error {
	failed := make([]error, len(all))
	var wg sync.WaitGroup
	for i, f := range all {
		wg.Go(func() { failed[i] = f() })
	}
	wg.Wait()
	return errors.Join(failed...)
}

// race has every writer put its own text under one condition.
func race(e *env, key string, opt storage.PutOption) error {
	var mu sync.Mutex
	var winners []string
	work := make([]func() error, writers)
	var ready sync.WaitGroup
	ready.Add(writers)
	for i := range work {
		work[i] = func() error {
			ready.Done()
			ready.Wait()
			text := strings.Repeat(string(rune('a'+i)), 1000+i)
			_, err := e.put(key, text, opt)
			switch {
			case err == nil:
				mu.Lock()
				winners = append(winners, text)
				mu.Unlock()
			case !errors.Is(err, storage.ErrPrecondition):
				return err
			}
			return nil
		}
	}
	if err := together(work...); err != nil {
		return err
	}
	if len(winners) != 1 {
		return fmt.Errorf("%d of %d writers of %s succeeded, want one", len(winners), writers, key)
	}
	return e.holds(key, winners[0])
}

// rewrite puts n bytes of letter, again and again.
func rewrite(e *env, letter string, n, rounds int) error {
	for range rounds {
		if _, err := e.put("k", strings.Repeat(letter, n), storage.ContentType("text/"+letter)); err != nil {
			return err
		}
	}
	return nil
}

// reread reads what rewrite writes until done, and once more.
func reread(e *env, done *atomic.Bool) error {
	for last := false; !last; {
		last = done.Load()
		text, info, err := e.get("k")
		if err != nil {
			return err
		}
		if len(text) == 0 || int64(len(text)) != info.Size || strings.Count(text, text[:1]) != len(text) || info.ContentType != "text/"+text[:1] {
			return fmt.Errorf("a reader saw %s of size %d and content type %q", short(text), info.Size, info.ContentType)
		}
	}
	return nil
}

// churn puts a blob that stays, and puts, reads and deletes another one, again and again.
func churn(e *env, dir string) error {
	if _, err := e.put(dir+" stays", "v"); err != nil {
		return err
	}
	key := dir + "/k"
	for i := range e.rounds {
		text := fmt.Sprint(key, i)
		if _, err := e.put(key, text); err != nil {
			return err
		}
		if err := e.holds(key, text); err != nil {
			return err
		}
		if _, err := e.keys("dir/"); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
		if err := errors.Join(e.s.Delete(e.ctx, key), e.absent(key)); err != nil {
			return err
		}
	}
	return nil
}
