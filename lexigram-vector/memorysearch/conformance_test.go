package memorysearch

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/search/searchtest"
)

func open(t testing.TB, cfg Config) *Engine {
	t.Helper()
	e, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestConformance(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		searchtest.Run(t, func(t *testing.T) search.Engine { return open(t, Config{}) })
	})
	t.Run("disk", func(t *testing.T) {
		searchtest.Run(t, func(t *testing.T) search.Engine { return open(t, Config{Dir: t.TempDir()}) })
	})
}
