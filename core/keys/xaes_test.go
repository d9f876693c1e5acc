package keys

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// TestXAES opens the test vectors of https://c2sp.org/XAES-256-GCM, one for each
// value of the bit that decides how the subkey is doubled.
func TestXAES(t *testing.T) {
	for _, v := range []struct {
		key   byte
		aad   string
		boxed string
	}{
		{1, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
		{3, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
	} {
		const nonce, plain = "ABCDEFGHIJKLMNOPQRSTUVWX", "XAES-256-GCM"
		boxed, err := hex.DecodeString(v.boxed)
		if err != nil {
			t.Fatal(err)
		}
		aead, err := derivedGCM(bytes.Repeat([]byte{v.key}, 32), []byte(nonce[:halfway]))
		if err != nil {
			t.Fatal(err)
		}
		got, err := aead.Open(nil, nil, append([]byte(nonce[halfway:]), boxed...), []byte(v.aad))
		if err != nil || string(got) != plain {
			t.Errorf("key %d: %q, %v", v.key, got, err)
		}
	}
}
