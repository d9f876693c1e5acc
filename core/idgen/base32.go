package idgen

import "strings"

// lower is Crockford's alphabet: the digits, and the letters but i, l, o and u.
const lower = "0123456789abcdefghjkmnpqrstvwxyz"

// encode32 writes the 128 bits of u, after two that are zero, five to a character.
func encode32(b *[26]byte, u [16]byte, alphabet string) {
	var hi, lo uint64
	for i := range 8 {
		hi, lo = hi<<8|uint64(u[i]), lo<<8|uint64(u[i+8])
	}
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = alphabet[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
}

// decode32 reads what encode32 writes in lower case.
func decode32(text string) (u [16]byte, problem string) {
	if len(text) != 26 {
		return u, "want 26 characters of base 32"
	}
	if text[0] > '7' {
		return u, "the first of 26 characters of base 32 is 0 to 7, or it has more than 128 bits"
	}
	var hi, lo uint64
	for i := range len(text) {
		v := strings.IndexByte(lower, text[i])
		if v < 0 {
			return u, "want digits and letters but i, l, o and u"
		}
		hi = hi<<5 | lo>>59
		lo = lo<<5 | uint64(v)
	}
	for i := 7; i >= 0; i-- {
		u[i], u[i+8] = byte(hi), byte(lo)
		hi, lo = hi>>8, lo>>8
	}
	return u, ""
}
