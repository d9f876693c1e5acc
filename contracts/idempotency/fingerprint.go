package idempotency

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// Fingerprint returns the SHA-256 of parts, 64 hexadecimal digits; each part
// counts with its length, so that no two lists of parts read the same.
func Fingerprint(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		_, _ = h.Write(n[:]) // a hash never fails
		_, _ = h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}
