package sqleventstore

import (
	"fmt"
	"strconv"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

// A place is what a position says. On SQLite only the third number is used.
type place struct{ epoch, txn, seq int64 }

// position returns p as text that sorts as the numbers do.
func (p place) position() eventstore.Position {
	const form = "00000000.0000000000000000.0000000000000000"
	b := []byte(form)
	hex(b[:8], p.epoch)
	hex(b[9:25], p.txn)
	hex(b[26:], p.seq)
	return eventstore.Position(b)
}

func hex(b []byte, n int64) {
	for i := len(b) - 1; n > 0 && i >= 0; i-- {
		b[i] = "0123456789abcdef"[n&15]
		n >>= 4
	}
}

// placeOf returns what a position says, or an error wrapping [eventstore.ErrPosition].
func placeOf(pos eventstore.Position) (p place, err error) {
	if pos == "" {
		return p, nil
	}
	s := string(pos)
	if len(s) == 42 && s[8] == '.' && s[25] == '.' {
		for _, part := range []struct {
			to   *int64
			text string
		}{{&p.epoch, s[:8]}, {&p.txn, s[9:25]}, {&p.seq, s[26:]}} {
			if *part.to, err = strconv.ParseInt(part.text, 16, 64); err != nil {
				break
			}
		}
		if err == nil && p.position() == pos { // which negative numbers and capital letters are not
			return p, nil
		}
	}
	return place{}, eventstore.ErrPosition.Wrap(nil, "sqleventstore: position %s", fmt.Sprintf("%.50q", s))
}
