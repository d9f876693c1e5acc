// Package cursor makes the cursors of pages: text that carries a position in a
// list through hands that can neither forge it nor use it for another list.
//
//	codec, err := cursor.New(cursor.Options{Keys: []cursor.Key{{ID: "2026", Secret: secret}}})
//	next, err := codec.Encode("users by name, tenant 7", position{"Ada", 42})
package cursor

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/page"
)

// MaxSize is how many bytes a cursor has at most; so it fits into a URL.
const MaxSize = 1024

const (
	version   = 1
	macSize   = 16 // of the 32 of HMAC-SHA-256: 2^128 tries to forge one (RFC 2104 §5)
	maxKeyID  = 32
	minSecret = 32 // of the size of the hash (RFC 2104 §3)
)

// A Key signs cursors.
type Key struct {
	// ID names the key within the cursor: 1 to 32 bytes, whoever holds a cursor can read them.
	ID string `config:"id,required"`
	// Secret has 32 bytes at least, from a random source.
	Secret config.Secret[string] `config:"secret,required"`
}

// Options are those of [New]. The exported names are configuration keys too.
type Options struct {
	// Keys has one key at least. The first signs; all of them verify. To rotate,
	// put a new one first, and remove the old one when its cursors are no longer in use.
	Keys []Key `config:"keys"`
}

// Validate says what is wrong with o.
func (o Options) Validate() error {
	var invalid errs.ValidationError
	if len(o.Keys) == 0 {
		invalid.Add("keys", "is empty: the first key signs", "REQUIRED")
	}
	seen := map[string]bool{}
	for i, k := range o.Keys {
		at := "keys[" + strconv.Itoa(i) + "]."
		if k.ID == "" || len(k.ID) > maxKeyID {
			invalid.Add(at+"id", "is not 1 to 32 bytes", "RANGE")
		}
		if seen[k.ID] {
			invalid.Add(at+"id", "is that of another key", "DUPLICATE")
		}
		seen[k.ID] = true
		if len(k.Secret.Reveal()) < minSecret {
			invalid.Add(at+"secret", "has less than 32 bytes", "RANGE")
		}
	}
	return invalid.Err()
}

// A Codec turns positions into cursors and back. It is safe for concurrent use;
// make one with [New].
//
// A position is written as JSON, signed, and not encrypted: whoever holds the
// cursor can read it. Its strings are UTF-8; keep other bytes in a []byte. The list is not in the cursor but in the signature: name
// everything that another query must differ in, such as the filter, the order
// and the tenant.
type Codec struct {
	signs string
	keys  map[string][]byte
}

var _ page.Codec = (*Codec)(nil)

// New returns a codec, or an error wrapping [page.Err] that names every option that is wrong.
func New(o Options) (*Codec, error) {
	if err := o.Validate(); err != nil {
		return nil, page.Err.Wrap(err, "cursor: new")
	}
	c := &Codec{signs: o.Keys[0].ID, keys: make(map[string][]byte, len(o.Keys))}
	for _, k := range o.Keys {
		c.keys[k.ID] = []byte(k.Secret.Reveal())
	}
	return c, nil
}

// Encode returns the cursor of a position in a list: URL-safe text of at most
// [MaxSize] bytes. A position that JSON cannot write, or that does not fit, is an error
// wrapping [page.Err].
func (c *Codec) Encode(list string, position any) (string, error) {
	payload, err := json.Marshal(position)
	if err != nil {
		return "", page.Err.Wrap(err, "cursor: encode")
	}
	raw := make([]byte, 0, 2+len(c.signs)+macSize+len(payload))
	raw = append(raw, version, byte(len(c.signs)))
	raw = append(raw, c.signs...)
	raw = append(raw, mac(c.keys[c.signs], raw, list, payload)...)
	raw = append(raw, payload...)
	if n := encoding.EncodedLen(len(raw)); n > MaxSize {
		return "", page.Err.Wrap(errors.New("a position of "+strconv.Itoa(len(payload))+" bytes does not fit into a cursor: keep less in it"), "cursor: encode")
	}
	return encoding.EncodeToString(raw), nil
}

var encoding = base64.RawURLEncoding.Strict() // one text for one cursor

// Decode sets into, a pointer, to the position that a cursor has in a list.
// Anything but a cursor that a codec with one of the keys made for the very same list, of
// a position of that shape, is an error wrapping [page.ErrCursor]; then into may have changed
// only if the shape is another. What is not signed is not parsed.
func (c *Codec) Decode(list, cursor string, into any) error {
	if len(cursor) > MaxSize {
		return invalid("it is too long")
	}
	raw, err := encoding.DecodeString(cursor)
	if err != nil || strings.ContainsAny(cursor, "\r\n") || // which base64 skips
		len(raw) < 2 || raw[0] != version || len(raw) < 2+int(raw[1])+macSize {
		return invalid("it is not one")
	}
	head, rest := raw[:2+raw[1]], raw[2+raw[1]:]
	secret, ok := c.keys[string(head[2:])]
	if !ok {
		return invalid("its key is not in use")
	}
	sum, payload := rest[:macSize], rest[macSize:]
	if !hmac.Equal(sum, mac(secret, head, list, payload)) {
		return invalid("it was not made here for this list, order and filter")
	}
	d := json.NewDecoder(bytes.NewReader(payload))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return page.ErrCursor.Wrap(err, "cursor: decode: a position of another shape")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return invalid("there is something after the position")
	}
	return nil
}

func invalid(problem string) error {
	return page.ErrCursor.Wrap(errors.New(problem), "cursor: decode")
}

// mac returns the signature. The length before the list keeps what is in the
// one from moving into the other.
func mac(secret, head []byte, list string, payload []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write(head)
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(list)))
	h.Write(n[:])
	io.WriteString(h, list)
	h.Write(payload)
	return h.Sum(nil)[:macSize]
}
