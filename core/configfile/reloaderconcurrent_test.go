package configfile_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/core/configfile"
)

// The race detector does not run more than 8,128 goroutines at a time, so they
// come in two waves.
func TestReloaderConcurrentSafe(t *testing.T) {
	s := newSource(t, halves(1))
	r := s.reloader(configfile.ReloadOptions{})
	live := follow(t, r)
	r.Before(func(context.Context, configfile.Update) error { return nil })
	stop := make(chan struct{})
	var reloading sync.WaitGroup
	reloading.Go(func() {
		for n := 2; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			s.replace(halves(n))
			if _, err := r.Reload(t.Context()); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 2 {
		var readers sync.WaitGroup
		for i := range 5_000 {
			readers.Go(func() {
				for range 20 {
					tree, section := r.Current(), live.Get()
					a, _ := tree.Lookup("s.a")
					b, _ := tree.Lookup("s.b")
					if a != b || section.A != section.B || section.Hidden.Reveal() != fmt.Sprint("hunter", section.A) {
						t.Errorf("half a change: %v %v %+v", a, b, section)
						return
					}
				}
				if i%100 == 0 {
					r.After(func(context.Context, configfile.Update) {})()
					if _, err := configfile.Follow(t.Context(), r, "s", pair{}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		readers.Wait()
	}
	close(stop)
	reloading.Wait()
}

func TestGetDoesNotAllocate(t *testing.T) {
	r := newSource(t, halves(1000)).reloader(configfile.ReloadOptions{})
	live := follow(t, r)
	for name, get := range map[string]func() bool{
		"Lookup":   func() bool { v, ok := r.Current().Lookup("s.a"); return ok && v == int64(1000) },
		"of text":  func() bool { v, ok := r.Current().Lookup("s.hidden"); return ok && v == "hunter1000" },
		"absent":   func() bool { _, ok := r.Current().Lookup("s.none"); return !ok },
		"Live.Get": func() bool { return live.Get().A == 1000 },
	} {
		if !get() {
			t.Errorf("%s does not return the value", name)
		}
		if n := testing.AllocsPerRun(1000, func() { get() }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
