package idgen

import (
	"errors"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/ids"
)

// A TypeID is a UUID and the type of what it names, as version 0.3 of the
// TypeID specification (github.com/jetify-com/typeid) has them. TypeIDs compare with
// ==. The zero value is the Nil UUID without a prefix. The text form is also that of JSON.
type TypeID struct {
	prefix string
	uuid   UUID
}

// NewTypeID returns the TypeID of u with prefix, which may be empty: 1 to 63 of
// a-z and "_", neither first nor last a "_". Another is an error wrapping [ids.Err].
func NewTypeID(prefix string, u UUID) (TypeID, error) {
	if err := checkPrefix(prefix); err != nil {
		return TypeID{}, err
	}
	return TypeID{prefix, u}, nil
}

// Prefix returns the type, such as "user"; "" if it has none.
func (t TypeID) Prefix() string { return t.prefix }

// UUID returns the UUID.
func (t TypeID) UUID() UUID { return t.uuid }

// String returns the prefix, "_", and 26 characters of base 32, such as
// "user_01h455vb4pex5vsknk084sn02q"; without a prefix, the 26 characters.
func (t TypeID) String() string { return prefixed(t.prefix, t.uuid) }

// AppendText appends what String returns to b.
func (t TypeID) AppendText(b []byte) ([]byte, error) { return append(b, t.String()...), nil }

// MarshalText returns what String returns.
func (t TypeID) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText sets t to [ParseTypeID] of text, or returns its error and leaves t as it is.
func (t *TypeID) UnmarshalText(text []byte) error {
	parsed, err := ParseTypeID(string(text))
	if err != nil {
		return err
	}
	*t = parsed
	return nil
}

// ParseTypeID reads what String returns, and nothing else: upper case, an empty
// prefix before a "_", and more than 128 bits are errors wrapping [ids.Err].
// Whoever expects a user compares Prefix.
func ParseTypeID(text string) (TypeID, error) {
	prefix, suffix := "", text
	if i := strings.LastIndexByte(text, '_'); i >= 0 {
		prefix, suffix = text[:i], text[i+1:]
		if prefix == "" {
			return TypeID{}, fail("TypeID", text, `there is nothing before the "_"`)
		}
	}
	if err := checkPrefix(prefix); err != nil {
		return TypeID{}, ids.Err.Wrap(err, "ids: parse TypeID %.48q", text)
	}
	u, problem := decode32(suffix)
	if problem != "" {
		return TypeID{}, fail("TypeID", text, problem)
	}
	return TypeID{prefix, UUID(u)}, nil
}

func prefixed(prefix string, u UUID) string {
	var suffix [26]byte
	encode32(&suffix, u, lower)
	if prefix == "" {
		return string(suffix[:])
	}
	var b [63 + 1 + 26]byte
	return string(append(append(append(b[:0], prefix...), '_'), suffix[:]...))
}

func checkPrefix(p string) error {
	if len(p) > 63 || strings.Trim(p, "abcdefghijklmnopqrstuvwxyz_") != "" ||
		strings.HasPrefix(p, "_") || strings.HasSuffix(p, "_") {
		return ids.Err.Wrap(errors.New(`want 1 to 63 of a-z and inner "_"`), "ids: prefix %.70q", p)
	}
	return nil
}
