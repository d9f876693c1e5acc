package natsevents

import (
	"fmt"
	"strconv"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

// A place is what a position of an [EventStore] says: the message, and which of
// its events. The last one has the number lastOfMessage, so that who goes on behind it
// need not read the message again.
type place struct {
	began int64
	seq   uint64
	nr    uint32
}

const lastOfMessage = 1<<32 - 1

func (p place) position() eventstore.Position {
	return eventstore.Position(fmt.Sprintf("%016x.%016x.%08x", p.began, p.seq, p.nr))
}

// placeOf returns what a position says, or an error wrapping [eventstore.ErrPosition].
// One of a stream that was there before this one is before all of this one.
func (s *EventStore) placeOf(pos eventstore.Position) (place, error) {
	if pos == "" {
		return place{s.began, 0, lastOfMessage}, nil
	}
	if text := string(pos); len(text) == 16+1+16+1+8 && text[16] == '.' && text[33] == '.' {
		began, err1 := strconv.ParseInt(text[:16], 16, 64)
		seq, err2 := strconv.ParseUint(text[17:33], 16, 64)
		nr, err3 := strconv.ParseUint(text[34:], 16, 32)
		p := place{began, seq, uint32(nr)}
		if err1 == nil && err2 == nil && err3 == nil && p.position() == pos && began <= s.began {
			if began < s.began {
				p = place{s.began, 0, lastOfMessage}
			}
			return p, nil
		}
	}
	return place{}, eventstore.ErrPosition.Wrap(nil, "natsevents: position %.50q", string(pos))
}

// next returns the first message that may have events behind p.
func (p place) next() uint64 {
	if p.nr == lastOfMessage {
		return p.seq + 1
	}
	return p.seq
}
