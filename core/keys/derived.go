package keys

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/security"
)

// Subkeys are a [security.KeySource] of keys for one use, derived from those of
// another source. It is safe for concurrent use.
type Subkeys struct {
	source security.KeySource
	label  string
}

var _ security.KeySource = (*Subkeys)(nil)

// Derived returns a source whose keys have the IDs of those of source, and bytes
// derived from them and the label by HKDF-SHA256 (RFC 5869): so that one source
// serves several uses, such as "secrets" and "audit", and the keys of one tell
// nothing about those of another.
func Derived(source security.KeySource, label string) *Subkeys { return &Subkeys{source, label} }

// Current returns the key derived from the source's current one.
func (s *Subkeys) Current(ctx context.Context) (security.Key, error) {
	return s.derive(s.source.Current(ctx))
}

// Key returns the key derived from the source's one of an ID.
func (s *Subkeys) Key(ctx context.Context, id string) (security.Key, error) {
	return s.derive(s.source.Key(ctx, id))
}

func (s *Subkeys) derive(k security.Key, err error) (security.Key, error) {
	if err != nil {
		return security.Key{}, err
	}
	return derive(k.ID, k.Bytes.Reveal(), "use/"+s.label)
}
