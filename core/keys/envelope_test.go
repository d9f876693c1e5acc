package keys_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/security/securitytest"
	"github.com/lexigram/lexigram-go/core/keys"
)

func newEnvelope(t testing.TB, ks ...security.Key) *keys.Envelope {
	t.Helper()
	r, err := keys.NewRing(ks...)
	if err != nil {
		t.Fatal(err)
	}
	e, err := keys.NewEnvelope(r)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEnvelopeConformance(t *testing.T) {
	securitytest.RunSealer(t, func(t *testing.T) security.Sealer { return newEnvelope(t, key("2026-11", 1), key("2026-05", 2)) })
	if _, err := keys.NewEnvelope(nil); !errors.Is(err, security.ErrKey) {
		t.Errorf("an envelope without keys: %v", err)
	}
}

func TestEnvelopeRotation(t *testing.T) {
	old, latest := key("old", 1), key("new", 2)
	sealed, err := newEnvelope(t, old).Seal(t.Context(), "p", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if id, err := keys.KeyID(sealed); id != "old" || err != nil {
		t.Errorf("KeyID = %q, %v", id, err)
	}
	if plain, err := newEnvelope(t, latest, old).Open(t.Context(), "p", sealed); err != nil || string(plain) != "x" {
		t.Errorf("with the former key: %q, %v", plain, err)
	}
	if _, err := newEnvelope(t, latest).Open(t.Context(), "p", sealed); !errors.Is(err, security.ErrOpen) || !errors.Is(err, security.ErrKeyNotFound) {
		t.Errorf("without it: %v", err)
	}
	if _, err := newEnvelope(t, key("old", 3)).Open(t.Context(), "p", sealed); !errors.Is(err, security.ErrOpen) || errors.Is(err, security.ErrKeyNotFound) {
		t.Errorf("with other bytes: %v", err)
	}
}

// TestEnvelopeFormat opens what the first release sealed.
func TestEnvelopeFormat(t *testing.T) {
	sealed, err := hex.DecodeString(golden)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := newEnvelope(t, key("2026-11", 1)).Open(t.Context(), "secrets/smtp", sealed)
	if err != nil || string(plain) != "hunter2" {
		t.Errorf("Open = %q, %v", plain, err)
	}
}

const golden = "0107323032362d31315b3811617a8251f8bd979fcf6e8dd646f343f4c21b7b74542ce5b1e619ce251b03b83dc964b4ca6bdfee4f72ceec01"

func FuzzOpen(f *testing.F) {
	e := newEnvelope(f, key("a", 1), key("b", 2))
	for _, plain := range []string{"", "x", "hunter2"} {
		sealed, err := e.Seal(f.Context(), "p", []byte(plain))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(sealed)
		f.Add(sealed[:len(sealed)-1])
	}
	f.Add([]byte{1, 255})
	f.Add([]byte{2, 1, 'a'})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		before := bytes.Clone(sealed)
		plain, err := e.Open(t.Context(), "q", sealed) // nothing was sealed for q
		if !errors.Is(err, security.ErrOpen) || plain != nil {
			t.Errorf("Open = %q, %v", plain, err)
		}
		if !bytes.Equal(before, sealed) {
			t.Error("Open changed its argument")
		}
		id, err := keys.KeyID(sealed)
		if err == nil && security.CheckKeyID(id) != nil || err != nil && !errors.Is(err, security.ErrOpen) {
			t.Errorf("KeyID = %q, %v", id, err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	e := newEnvelope(b, key("2026-11", 1))
	plain := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Seal(b.Context(), "secrets/smtp", plain); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	e := newEnvelope(b, key("2026-11", 1))
	sealed, err := e.Seal(b.Context(), "secrets/smtp", make([]byte, 64))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Open(b.Context(), "secrets/smtp", sealed); err != nil {
			b.Fatal(err)
		}
	}
}
