package loading

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"time"
)

// An entry in the store begins with what it is.
const (
	markValue  = 'v'
	markAbsent = 'n' // load said that there is no such value
	markLease  = 'l' // somebody loads
)

const flagCompressed = 1

// A header is what an entry says about its value.
type header struct {
	written time.Time     // to the millisecond
	soft    time.Duration // age from which it is refreshed; 0 is never
	hard    time.Duration // age from which it is used only if a load fails; 0 is never
	took    time.Duration // how long it was loaded
	tags    []tagged
}

// A tagged is a tag and the generation of it that the entry belongs to.
type tagged struct {
	tag        string
	generation generation
}

// A generation is drawn at random whenever a group is forgotten.
type generation [8]byte

var errFormat = errors.New("not an entry of a loading cache")

// newLease returns a placeholder that no other load has.
func newLease() []byte { return append([]byte{markLease}, rand.Text()...) }

// appendHeader begins an entry. The 8 random bytes make entries of equal values
// different: a swap of one is not fooled by another.
func appendHeader(b []byte, mark byte, h header) []byte {
	b = append(b, mark, 0)
	var nonce generation
	_, _ = rand.Read(nonce[:]) // never fails
	b = append(b, nonce[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(h.written.UnixMilli()))
	for _, d := range []time.Duration{h.soft, h.hard, h.took} {
		b = binary.AppendUvarint(b, uint64(max(d, 0)))
	}
	b = append(b, byte(len(h.tags)))
	for _, t := range h.tags {
		b = append(b, byte(len(t.tag)))
		b = append(b, t.tag...)
		b = append(b, t.generation[:]...)
	}
	return b
}

// appendValue ends an entry that appendHeader began, compressing data if it is longer than over.
func appendValue(b, data []byte, over int) []byte {
	if over == 0 || len(data) <= over {
		return append(b, data...)
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil || packed.Len()+binary.MaxVarintLen64 >= len(data) {
		return append(b, data...)
	}
	b[1] |= flagCompressed
	b = binary.AppendUvarint(b, uint64(len(data)))
	return append(b, packed.Bytes()...)
}

// parse reads the header of an entry, and returns its mark and what the value was written as.
func parse(raw []byte) (mark byte, h header, data []byte, err error) {
	r := bytes.NewReader(raw)
	mark, err = r.ReadByte()
	if err != nil || mark != markValue && mark != markAbsent {
		return 0, h, nil, errFormat
	}
	var fixed [17]byte // flags, nonce, written
	if _, err := io.ReadFull(r, fixed[:]); err != nil || fixed[0]&^flagCompressed != 0 {
		return 0, h, nil, errFormat
	}
	h.written = time.UnixMilli(int64(binary.BigEndian.Uint64(fixed[9:])))
	for _, d := range []*time.Duration{&h.soft, &h.hard, &h.took} {
		n, err := binary.ReadUvarint(r)
		if *d = time.Duration(n); err != nil || *d < 0 {
			return 0, h, nil, errFormat
		}
	}
	if h.tags, err = parseTags(r); err != nil {
		return 0, h, nil, err
	}
	data = raw[len(raw)-r.Len():]
	if fixed[0]&flagCompressed != 0 {
		data, err = unpack(r)
	}
	return mark, h, data, err
}

func parseTags(r *bytes.Reader) ([]tagged, error) {
	n, err := r.ReadByte()
	if err != nil || n > maxTags {
		return nil, errFormat
	}
	var tags []tagged
	for range n {
		length, err := r.ReadByte()
		if err != nil || length == 0 {
			return nil, errFormat
		}
		name := make([]byte, length)
		var t tagged
		if _, err := io.ReadFull(r, name); err != nil {
			return nil, errFormat
		}
		if _, err := io.ReadFull(r, t.generation[:]); err != nil {
			return nil, errFormat
		}
		t.tag = string(name)
		tags = append(tags, t)
	}
	return tags, nil
}

// unpack returns what appendValue compressed: exactly as much as the entry says.
func unpack(r *bytes.Reader) ([]byte, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil || n > 1032*uint64(r.Len()) { // DEFLATE makes nothing smaller than a 1032nd
		return nil, errFormat
	}
	data := make([]byte, n)
	z := flate.NewReader(r)
	if _, err := io.ReadFull(z, data); err != nil {
		return nil, errFormat
	}
	if more, err := z.Read(make([]byte, 1)); more > 0 || err != io.EOF {
		return nil, errFormat
	}
	return data, nil
}
