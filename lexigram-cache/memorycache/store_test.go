package memorycache

import (
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/cache/cachetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, opts Options) *Store {
	t.Helper()
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestConformance(t *testing.T) {
	cachetest.Run(t, func(t *testing.T) cache.Store { return open(t, Options{}) })
	_ = synctest.Test
}
