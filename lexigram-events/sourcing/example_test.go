package sourcing_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryeventstore"
	"github.com/lexigram/lexigram-go/lexigram-events/sourcing"
)

// Seats is an aggregate: which seats of a show are taken.
type Seats struct {
	sourcing.Root
	Taken map[int]string
}

type SeatTaken struct {
	Seat int
	By   string
}

var seatTaken = sourcing.Fact[*Seats, SeatTaken]{
	Type:  "theatre.seat.taken",
	Apply: func(s *Seats, t SeatTaken) { s.Taken[t.Seat] = t.By },
}

var errTaken = errors.New("that seat is taken")

func (s *Seats) Take(seat int, by string) error {
	if s.Taken[seat] != "" {
		return errTaken
	}
	seatTaken.Raise(s, SeatTaken{seat, by})
	return nil
}

func Example() {
	ctx := context.Background()
	shows, err := sourcing.New(memoryeventstore.New(), sourcing.Options[*Seats]{
		Source: "/theatre", Prefix: "show-", Codec: jsons{},
		New:   func() *Seats { return &Seats{Taken: map[int]string{}} },
		Facts: []sourcing.AnyFact[*Seats]{seatTaken},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, by := range []string{"ann", "bob"} { // however many do so at a time
		_, err := shows.Update(ctx, "hamlet", func(_ context.Context, s *Seats) error { return s.Take(12, by) })
		fmt.Println(by, err)
	}
	show, err := shows.Load(ctx, "hamlet")
	fmt.Println(show.Taken, show.Version(), err)
	_, err = shows.Load(ctx, "macbeth")
	fmt.Println(errors.Is(err, eventstore.ErrNoStream))
	// Output:
	// ann <nil>
	// bob that seat is taken
	// map[12:ann] 1 <nil>
	// true
}
