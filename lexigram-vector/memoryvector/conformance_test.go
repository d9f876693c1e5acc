package memoryvector

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/contracts/vector/vectortest"
)

func open(t testing.TB, cfg Config) *Store {
	t.Helper()
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestConformance(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		vectortest.Run(t, func(t *testing.T) vector.Store { return open(t, Config{}) })
	})
	t.Run("disk", func(t *testing.T) {
		vectortest.Run(t, func(t *testing.T) vector.Store { return open(t, Config{Dir: t.TempDir()}) })
	})
}
