package filestorage

import (
	"bytes"
	"errors"
	"maps"
	"testing"
	"time"
	"unicode/utf8"
)

func FuzzDecodeHeader(f *testing.F) {
	for _, h := range []header{
		{description: description{Key: "k", ContentType: "text/plain"}, modTime: time.Unix(0, 0)},
		{size: 1 << 40, description: description{Key: "é<&>\u2028", Metadata: map[string]string{"a": "\\\""}}, modTime: time.Now()},
	} {
		b, err := h.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)-1])
	}
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := decodeHeader(b)
		if err != nil {
			if !errors.Is(err, errDamage) {
				t.Fatalf("decodeHeader(%q) = %v, want damage", b, err)
			}
			return
		}
		again, err := h.encode()
		if err != nil {
			t.Fatal(err)
		}
		h2, err := decodeHeader(again)
		if err != nil || h2.size != h.size || h2.sum != h.sum || !h2.modTime.Equal(h.modTime) ||
			h2.description.Key != h.description.Key || !maps.Equal(h2.description.Metadata, h.description.Metadata) {
			t.Fatalf("%+v becomes %+v, %v", h, h2, err)
		}
	})
}

func FuzzHeaderRoundTrip(f *testing.F) {
	f.Add("k", "text/plain", "a", "b", int64(7), int64(1))
	f.Add("\u2028<>&", "x", "", "\x7f", int64(0), int64(-1))
	f.Fuzz(func(t *testing.T, key, contentType, name, value string, size, nanos int64) {
		if size < 0 || !utf8.ValidString(key+"\n"+contentType+"\n"+name+"\n"+value) {
			t.Skip()
		}
		h := header{size: size, modTime: time.Unix(0, nanos), description: description{Key: key, ContentType: contentType, Metadata: map[string]string{name: value}}}
		copy(h.sum[:], bytes.Repeat([]byte(key+"x"), 32))
		b, err := h.encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeHeader(b)
		if err != nil || got.size != size || got.sum != h.sum || !got.modTime.Equal(h.modTime) || got.length != int64(len(b)) ||
			got.description.Key != key || got.description.ContentType != contentType || got.description.Metadata[name] != value {
			t.Fatalf("%+v becomes %+v, %v", h, got, err)
		}
		for i := range b { // no bit may change unseen
			b[i] ^= 1
			if _, err := decodeHeader(b); err == nil {
				t.Fatalf("a changed byte %d of %d is not noticed", i, len(b))
			}
			b[i] ^= 1
		}
	})
}
