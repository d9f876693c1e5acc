package idgen

import (
	"encoding/hex"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/ids"
)

// A UUID is a UUID of RFC 9562 in its 16 bytes, most significant first. UUIDs
// compare with ==. The zero value is the Nil UUID; its text form is also that of JSON.
type UUID [16]byte

// String returns the 36 lower-case characters, such as "017f22e2-79b0-7cc3-98c4-dc0c0c07398f".
func (u UUID) String() string {
	var b [36]byte
	u.encode(&b)
	return string(b[:])
}

// AppendText appends what String returns to b.
func (u UUID) AppendText(b []byte) ([]byte, error) {
	var text [36]byte
	u.encode(&text)
	return append(b, text[:]...), nil
}

// MarshalText returns what String returns.
func (u UUID) MarshalText() ([]byte, error) { return u.AppendText(nil) }

// UnmarshalText sets u to [ParseUUID] of text, or returns its error and leaves u as it is.
func (u *UUID) UnmarshalText(text []byte) error {
	parsed, err := ParseUUID(string(text))
	if err != nil {
		return err
	}
	*u = parsed
	return nil
}

// Version returns the version of an RFC 9562 UUID, such as 7; the Nil UUID has 0.
func (u UUID) Version() int { return int(u[6] >> 4) }

// Time returns when a UUID of version 7 was made, to the millisecond, in UTC,
// and whether it is one.
func (u UUID) Time() (made time.Time, ok bool) {
	if u.Version() != 7 || u[8]>>6 != 2 {
		return time.Time{}, false
	}
	return timeOf([16]byte(u)), true
}

func (u UUID) encode(b *[36]byte) {
	hex.Encode(b[:], u[:4])
	b[8] = '-'
	hex.Encode(b[9:], u[4:6])
	b[13] = '-'
	hex.Encode(b[14:], u[6:8])
	b[18] = '-'
	hex.Encode(b[19:], u[8:10])
	b[23] = '-'
	hex.Encode(b[24:], u[10:])
}

// ParseUUID reads the 36 characters of a UUID of any version, in either case.
// Other forms, in braces, without hyphens or after "urn:uuid:", are errors wrapping [ids.Err].
func ParseUUID(text string) (UUID, error) {
	var u UUID
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return UUID{}, fail("UUID", text, "want 36 characters, such as 017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
	}
	digits := text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
	if _, err := hex.Decode(u[:], []byte(digits)); err != nil {
		return UUID{}, fail("UUID", text, "want hexadecimal digits between the hyphens")
	}
	return u, nil
}

func fail(what, text, problem string) error {
	return ids.Err.Wrap(errors.New(problem), "ids: parse %s %.48q", what, text)
}

func timeOf(b [16]byte) time.Time {
	var millis int64
	for _, x := range b[:6] {
		millis = millis<<8 | int64(x)
	}
	return time.UnixMilli(millis).UTC()
}
