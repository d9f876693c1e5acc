package idgen

import (
	crand "crypto/rand"
	"encoding/binary"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
)

// A Source makes UUIDs and ULIDs that begin with the time. Each is greater than
// all that it made before, as bytes and as text, whatever the clock does. The
// zero value is ready to use; it is safe for concurrent use without a lock, and
// must not be copied.
//
// It counts nanoseconds. An ID has the milliseconds of the count, then its
// fraction of a millisecond in 20 bits (RFC 9562 §6.2, method 3, with 8 bits
// more), then 54 or 60 random bits. The count is that of the clock, or one more
// than the last if the clock has not got that far: so a clock that is stepped back
// leaves the IDs at the time before the step until it has caught up, and they
// can run ahead only of a billion calls a second. A step shows after a
// millisecond at most.
//
// The random bits come from ChaCha8, which the operating system seeds: other
// processes do not make the same IDs, but an ID tells when it was made and is no
// secret. [UUID4] makes those that nobody can guess.
type Source struct {
	// Clock tells the time; nil means clock.System{}. Set it before use.
	Clock clock.Clock

	last   atomic.Uint64 // count of the ID made last
	offset atomic.Int64  // of the wall clock from the monotonic one, which is cheaper to read
	due    atomic.Int64  // when by the monotonic clock the offset is read again; no clock begins before 0
}

// UUID4 returns a UUID of 122 bits from crypto/rand (RFC 9562 §5.4). It is safe for concurrent use.
func UUID4() UUID {
	var u UUID
	_, _ = crand.Read(u[:]) // never fails: it ends the program instead
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u
}

// UUID7 returns the next UUID of version 7 (RFC 9562 §5.7).
func (s *Source) UUID7() UUID {
	millis, fraction := s.next()
	var u UUID
	binary.BigEndian.PutUint64(u[:], millis<<16|7<<12|fraction>>8)
	binary.BigEndian.PutUint64(u[8:], 2<<62|(fraction&0xff)<<54|rand.Uint64()>>10)
	return u
}

// ULID returns the next ULID.
func (s *Source) ULID() ULID {
	millis, fraction := s.next()
	random := rand.Uint64()
	var u ULID
	binary.BigEndian.PutUint64(u[:], millis<<16|fraction>>4)
	binary.BigEndian.PutUint64(u[8:], (fraction&0xf)<<60|random>>4)
	return u
}

// next returns the milliseconds since 1970, in 48 bits, and the part of the
// next one, in 20 bits; together they are greater than ever before.
func (s *Source) next() (millis, fraction uint64) {
	now := s.now()
	for {
		last := s.last.Load()
		n := max(now, last+1)
		if s.last.CompareAndSwap(last, n) {
			millis = n / uint64(time.Millisecond)
			return millis & (1<<48 - 1), (n % uint64(time.Millisecond)) << 20 / uint64(time.Millisecond)
		}
	}
}

// now returns the nanoseconds since 1970, 0 before.
func (s *Source) now() uint64 {
	var mono time.Duration
	if s.Clock == nil { // known to the compiler
		mono = clock.System{}.Monotonic()
	} else {
		mono = s.Clock.Monotonic()
	}
	if int64(mono) >= s.due.Load() {
		s.look(mono)
	}
	return uint64(max(0, int64(mono)+s.offset.Load()))
}

// look reads the offset.
func (s *Source) look(mono time.Duration) {
	var c clock.Clock = clock.System{}
	if s.Clock != nil {
		c = s.Clock
	}
	s.offset.Store(c.Now().UnixNano() - int64(mono))
	s.due.Store(int64(mono + time.Millisecond))
}
