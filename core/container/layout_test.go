package container

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// In the drawing of any graph no boxes overlap, all are in the frame, and lines
// go to the right.
func TestLayout(t *testing.T) {
	build := func(context.Context, di.Resolver) (int, error) { return 0, nil }
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		c := New()
		for i := range int(seed) * 2 {
			var needs []di.Key
			for range r.IntN(4) {
				if i > 0 {
					needs = append(needs, di.KeyOf[int](fmt.Sprint(r.IntN(i))))
				}
			}
			if err := di.Singleton(c, build, di.Named(fmt.Sprint(i)), di.Needs(needs...)); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Freeze(); err != nil {
			t.Fatal(err)
		}
		g := c.Graph()
		l := g.layout()
		for i, a := range l.spots {
			if a.x < 0 || a.y < boxHeight/2 || a.x+a.width > l.width || a.y+boxHeight/2 > l.height {
				t.Fatalf("seed %d: box %d is out of the frame: %+v", seed, i, *a)
			}
			for j, b := range l.spots[:i] {
				if a.x < b.x+b.width && b.x < a.x+a.width && a.y < b.y+boxHeight && b.y < a.y+boxHeight {
					t.Fatalf("seed %d: boxes %d and %d overlap", seed, j, i)
				}
			}
		}
		lines := 0
		g.edges(func(from, to int, _ edge) {
			lines++
			if l.spots[from].x+l.spots[from].width >= l.spots[to].x {
				t.Fatalf("seed %d: the line from %d to %d does not go to the right", seed, from, to)
			}
		})
		if len(l.lines) != lines {
			t.Fatalf("seed %d: %d lines of %d", seed, len(l.lines), lines)
		}
	}
}
