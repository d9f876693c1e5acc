package security

import (
	"fmt"
	"strings"
)

// The bounds of what stores and sources take.
const (
	maxName  = 255
	maxValue = 64 << 10
	maxKeyID = 64
	keySize  = 32
)

// CheckSecretName returns an error wrapping [ErrSecretName] unless name is one or
// more levels with "/" between them, such as "database/password", in at most 255
// bytes. A level is made of A-Z, a-z, 0-9, "-", "_" and "." and begins with none
// of ".": so no name leaves the directory that it is looked up in. Every method
// of every store calls it first. Names that differ in case alone are not portable.
func CheckSecretName(name string) error {
	if len(name) == 0 || len(name) > maxName {
		return ErrSecretName.Wrap(nil, "security: secret %s is not 1 to %d bytes", quoted(name), maxName)
	}
	for level := range strings.SplitSeq(name, "/") {
		if !isWord(level) {
			return ErrSecretName.Wrap(nil,
				"security: secret %s: levels between \"/\" are made of A-Z, a-z, 0-9, \"-\", \"_\" and \".\", which is not first", quoted(name))
		}
	}
	return nil
}

// CheckSecretValue returns an error wrapping [ErrSecretValue], which does not show
// value, if it is over 64 KiB. It may be empty and hold any bytes. A store may refuse
// less in the same way, but nothing up to 16 KiB.
func CheckSecretValue(value string) error {
	if len(value) > maxValue {
		return ErrSecretValue.Wrap(nil, "security: a secret of %d bytes", len(value))
	}
	return nil
}

// CheckKeyID returns an error wrapping [ErrKey] unless id is 1 to 64 of A-Z, a-z,
// 0-9, "-", "_" and ".", which is not first.
func CheckKeyID(id string) error {
	if len(id) > maxKeyID || !isWord(id) {
		return ErrKey.Wrap(nil, "security: key %s is not named by 1 to %d of A-Z, a-z, 0-9, \"-\", \"_\" and \".\", which is not first", quoted(id), maxKeyID)
	}
	return nil
}

// CheckKey returns an error wrapping [ErrKey] unless [CheckKeyID] takes the key's ID
// and it has 32 bytes that are not all zero.
func CheckKey(k Key) error {
	if err := CheckKeyID(k.ID); err != nil {
		return err
	}
	b := k.Bytes.Reveal()
	if len(b) != keySize || [keySize]byte(b) == [keySize]byte{} {
		return ErrKey.Wrap(nil, "security: key %s is not %d random bytes", quoted(k.ID), keySize)
	}
	return nil
}

func isWord(s string) bool {
	if s == "" || s[0] == '.' {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}

// quoted returns no more of a name than a line of an error needs.
func quoted(name string) string { return fmt.Sprintf("%.80q", name) }
