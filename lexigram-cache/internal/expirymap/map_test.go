package expirymap

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestModel compares the map with a plain one, over random operations.
func TestModel(t *testing.T) {
	type entry struct {
		value  int
		end    time.Duration
		weight int64
	}
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var m Map[int]
		model, now := map[string]entry{}, time.Duration(0)
		for i := range 2000 {
			key := fmt.Sprint(rnd.IntN(40))
			end := After(now, time.Duration(1+rnd.IntN(50)))
			if rnd.IntN(4) == 0 {
				end = Never
			}
			switch rnd.IntN(5) {
			case 0, 1:
				e := entry{i, end, int64(rnd.IntN(10))}
				model[key] = e
				m.Put(key, e.value, e.end, e.weight)
			case 2:
				delete(model, key)
				m.Delete(key)
			case 3:
				if e, ok := m.Live(key, now); ok {
					m.SetEnd(e, end)
					model[key] = entry{e.Value, end, e.Weight()}
				}
			case 4:
				now += time.Duration(rnd.IntN(5))
				m.Sweep(now, 1+rnd.IntN(3))
			}
			want, live := model[key]
			live = live && now < want.end
			if e, ok := m.Live(key, now); ok != live || ok && (e.Value != want.value || e.End() != want.end) {
				t.Fatalf("seed %d, step %d: Live(%s) = %+v, %v, want %+v, %v", seed, i, key, e, ok, want, live)
			}
		}
		m.Sweep(now, m.Len())
		var weight int64
		n := 0
		for _, e := range model {
			if now < e.end {
				weight += e.weight
				n++
			}
		}
		if m.Len() != n || m.Weight() != weight {
			t.Errorf("seed %d: swept to %d entries of %d, want %d of %d", seed, m.Len(), m.Weight(), n, weight)
		}
	}
}

func TestAfter(t *testing.T) {
	if After(5, 3) != 8 || After(5, Never) != Never || After(Never-1, 2) != Never || After(-5, Never) != Never-5 || After(-5, 3) != -2 {
		t.Error("After is wrong")
	}
}
