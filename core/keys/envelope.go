package keys

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// The format, version 1, in bytes:
//
//	1 | n | ID of the key, n bytes | nonce, 24 | ciphertext | tag, 16
//
// Ciphertext and tag are those of XAES-256-GCM (C2SP): AES-256-GCM whose key is
// derived from one half of a nonce that is long enough to be random for ever. The
// additional data are the version, n and ID as they stand, followed by the purpose.
const (
	version  = 1
	halfway  = 12 // of the nonce: it derives the key
	overhead = halfway + 12 + 16
)

// An Envelope is a [security.Sealer] with the keys of a source. One key seals any
// number of texts: up to 2^80, the chance that two have a nonce in common stays
// under 2^-32. It costs 42 bytes and the length of the key's ID. It is safe for concurrent use.
type Envelope struct{ source security.KeySource }

var _ security.Sealer = (*Envelope)(nil)

// NewEnvelope returns an Envelope with the keys of source, or an error wrapping
// [security.ErrKey] if source is nil.
func NewEnvelope(source security.KeySource) (*Envelope, error) {
	if source == nil {
		return nil, security.ErrKey.Wrap(nil, "keys: an envelope needs a source of keys")
	}
	return &Envelope{source}, nil
}

// Seal seals plain with the current key; see [security.Sealer]. Its errors are those
// of the source.
func (e *Envelope) Seal(ctx context.Context, purpose string, plain []byte) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, security.Err.Wrap(context.Cause(ctx), "keys: seal")
	}
	k, err := e.source.Current(ctx)
	if err == nil {
		err = security.CheckKey(k)
	}
	if err != nil {
		return nil, security.Err.Wrap(err, "keys: seal")
	}
	sealed := make([]byte, 0, 2+len(k.ID)+overhead+len(plain))
	sealed = append(append(sealed, version, byte(len(k.ID))), k.ID...)
	bound := append(sealed[:len(sealed):len(sealed)], purpose...)
	first := sealed[len(sealed) : len(sealed)+halfway]
	rand.Read(first)
	aead, err := derivedGCM(k.Bytes.Reveal(), first)
	if err != nil {
		return nil, security.Err.Wrap(err, "keys: seal")
	}
	return aead.Seal(sealed[:len(sealed)+halfway], nil, plain, bound), nil
}

// Open opens what Seal returned; see [security.Sealer]. Errors that do not wrap
// [security.ErrOpen] are those of the source.
func (e *Envelope) Open(ctx context.Context, purpose string, sealed []byte) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, security.Err.Wrap(context.Cause(ctx), "keys: open")
	}
	id, body, err := split(sealed)
	if err != nil {
		return nil, err
	}
	k, err := e.source.Key(ctx, id)
	if errs.KindOf(err) == errs.NotFound {
		return nil, security.ErrOpen.Wrap(err, "keys: open")
	}
	if err == nil {
		err = security.CheckKey(k)
	}
	if err != nil {
		return nil, security.Err.Wrap(err, "keys: open")
	}
	aead, err := derivedGCM(k.Bytes.Reveal(), body[:halfway])
	if err != nil {
		return nil, security.Err.Wrap(err, "keys: open")
	}
	header := sealed[: 2+len(id) : 2+len(id)]
	plain, err := aead.Open(nil, nil, body[halfway:], append(header, purpose...))
	if err != nil {
		return nil, security.ErrOpen.Wrap(nil, "keys: open")
	}
	return plain, nil
}

// KeyID returns the ID of the key that sealed bytes need, or an error wrapping
// [security.ErrOpen]. It does not check them: only Open does.
func KeyID(sealed []byte) (string, error) {
	id, _, err := split(sealed)
	return id, err
}

// split returns the ID of the key and what stands behind it.
func split(sealed []byte) (id string, body []byte, err error) {
	if len(sealed) < 2 || sealed[0] != version {
		return "", nil, security.ErrOpen.Wrap(nil, "keys: open")
	}
	n := int(sealed[1])
	if len(sealed) < 2+n+overhead {
		return "", nil, security.ErrOpen.Wrap(nil, "keys: open")
	}
	id = string(sealed[2 : 2+n])
	if security.CheckKeyID(id) != nil {
		return "", nil, security.ErrOpen.Wrap(nil, "keys: open")
	}
	return id, sealed[2+n:], nil
}

// derivedGCM returns the AES-256-GCM of XAES-256-GCM for a key and the first half of a
// nonce: its key is a CMAC of that half in counter mode (NIST SP 800-108r1), label
// "X", and the second half is the nonce that GCM makes and reads itself.
// https://c2sp.org/XAES-256-GCM
func derivedGCM(key, first []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	var k1 [aes.BlockSize]byte
	block.Encrypt(k1[:], k1[:])
	carry := byte(0)
	for i := len(k1) - 1; i >= 0; i-- {
		k1[i], carry = k1[i]<<1|carry, k1[i]>>7
	}
	k1[len(k1)-1] ^= byte(subtle.ConstantTimeSelect(int(carry), 0x87, 0))

	var derived [2 * aes.BlockSize]byte
	for i := range 2 {
		half := derived[i*aes.BlockSize : (i+1)*aes.BlockSize]
		copy(half, []byte{0, byte(i + 1), 'X', 0})
		copy(half[4:], first)
		subtle.XORBytes(half, half, k1[:])
		block.Encrypt(half, half)
	}
	inner, err := aes.NewCipher(derived[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(inner)
}
