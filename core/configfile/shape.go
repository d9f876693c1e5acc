package configfile

import (
	"maps"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// A shape is what the Go types of sections say about the keys under one.
type shape struct {
	secret bool
	keys   map[string]*shape // of a struct
	each   *shape            // of the elements of a slice or map
}

// child returns the shape of a key or element; nil has none.
func (s *shape) child(name string) *shape {
	switch {
	case s == nil:
		return nil
	case s.each != nil:
		return s.each
	}
	return s.keys[name]
}

// hides reports whether v must not be shown: a secret, or text in place of what
// holds one, such as a list of secrets with commas between.
func (s *shape) hides(v *value) bool {
	return s != nil && (s.secret || v.kind == config.Scalar && s.holds())
}

// holds reports whether there is a secret at s or below.
func (s *shape) holds() bool {
	if s == nil || s.secret {
		return s != nil
	}
	for _, inner := range s.keys {
		if inner.holds() {
			return true
		}
	}
	return s.each.holds()
}

// knowledge is what is read off the structs of sections. It does not change.
type knowledge struct {
	defaults *value // below every layer
	shape    *shape
}

// with returns k and what another one knows.
func (k *knowledge) with(more *knowledge) *knowledge {
	return &knowledge{merge(k.defaults, more.defaults), k.shape.with(more.shape)}
}

// with returns s and the keys of another one.
func (s *shape) with(more *shape) *shape {
	switch {
	case more == nil:
		return s
	case s == nil || s.keys == nil || more.keys == nil:
		return more
	}
	both := &shape{keys: maps.Clone(s.keys)}
	for name, inner := range more.keys {
		both.keys[name] = s.keys[name].with(inner)
	}
	return both
}

// knowing returns t with what is known of its sections.
func (t *Tree) knowing(k *knowledge) *Tree {
	wiser := *t
	wiser.known, wiser.all = k, merge(k.defaults, t.root)
	return &wiser
}

func (o Options) knowledge() (*knowledge, error) {
	if o.known != nil {
		return o.known, nil
	}
	return describe(o.EnvPrefix, o.Sections)
}
