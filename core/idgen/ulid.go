package idgen

import "time"

// A ULID is 48 bits of milliseconds since 1970 and 80 bits more, in 16 bytes,
// most significant first. ULIDs compare with ==. The text form is also that of JSON.
type ULID [16]byte

const upper = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// String returns the 26 upper-case characters, such as "01ARZ3NDEKTSV4RRFFQ69G5FAV".
func (u ULID) String() string {
	var b [26]byte
	encode32(&b, u, upper)
	return string(b[:])
}

// AppendText appends what String returns to b.
func (u ULID) AppendText(b []byte) ([]byte, error) {
	var text [26]byte
	encode32(&text, u, upper)
	return append(b, text[:]...), nil
}

// MarshalText returns what String returns.
func (u ULID) MarshalText() ([]byte, error) { return u.AppendText(nil) }

// UnmarshalText sets u to [ParseULID] of text, or returns its error and leaves u as it is.
func (u *ULID) UnmarshalText(text []byte) error {
	parsed, err := ParseULID(string(text))
	if err != nil {
		return err
	}
	*u = parsed
	return nil
}

// Time returns the milliseconds, in UTC.
func (u ULID) Time() time.Time { return timeOf(u) }

// ParseULID reads 26 characters of Crockford's base 32, in either case. The
// letters I, L, O and U, hyphens, and more than 128 bits are errors wrapping [ids.Err].
func ParseULID(text string) (ULID, error) {
	var folded [26]byte
	if len(text) != len(folded) {
		return ULID{}, fail("ULID", text, "want 26 characters")
	}
	for i := range folded {
		folded[i] = text[i]
		if 'A' <= text[i] && text[i] <= 'Z' {
			folded[i] += 'a' - 'A'
		}
	}
	b, problem := decode32(string(folded[:]))
	if problem != "" {
		return ULID{}, fail("ULID", text, problem)
	}
	return ULID(b), nil
}
