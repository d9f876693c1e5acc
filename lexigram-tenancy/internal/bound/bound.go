// Package bound is what the decorators of this module share: the tenant of a
// context, checked, and names that no other tenant can have.
package bound

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// Tenant returns the tenant of ctx, or an error wrapping [tenancy.ErrNone], or
// [tenancy.ErrID] for an ID that [tenancy.CheckID] refuses: prefixes and
// separators are unambiguous only because no ID can hold them.
func Tenant(ctx context.Context) (tenancy.ID, error) {
	id, err := tenancy.From(ctx)
	if err != nil {
		return "", err
	}
	return id, tenancy.CheckID(id)
}

// Token returns 26 letters and digits (130 bits of SHA-256) that stand for the
// parts, which are told apart whatever they hold.
func Token(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		sum := sha256.Sum256([]byte(p))
		h.Write(sum[:]) // never fails
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil))[:26])
}

// Name returns the physical form of a name of 1 to 63 of a-z, 0-9 and "_" that
// begins with a letter, in the same alphabet and of at most 63 bytes. Names of
// at most [Short] bytes can be read back with [Logical]; longer ones are hashed.
func Name(id tenancy.ID, name string) string {
	if len(name) <= Short {
		return "t" + Token(string(id)) + "_" + name
	}
	return "h" + Token(string(id)) + "_" + Token(name)
}

// Short is how long a name may be to stand in its physical form as it is.
const Short = 63 - 1 - 26 - 1

// Logical returns the name whose physical form is given; ok is false if it is
// not one of the tenant, or is hashed.
func Logical(id tenancy.ID, physical string) (name string, ok bool) {
	return strings.CutPrefix(physical, "t"+Token(string(id))+"_")
}
