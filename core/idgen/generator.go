package idgen

import (
	"cmp"
	"maps"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/ids"
)

// Options are those of [New]. The zero value makes random UUIDs. The exported
// names are configuration keys too.
type Options struct {
	// Strategy is the form of the IDs; "" means [ids.UUID4].
	Strategy ids.Strategy `config:"strategy"`
	// Prefixes gives the prefix of each type of thing for [ids.Prefixed], as [NewTypeID] wants it. A type that is
	// not here has the first three letters of its name, in lower case; a name without a
	// letter from A to Z, no prefix.
	Prefixes map[string]string `config:"prefixes"`
	// Clock tells the time; nil means clock.System{}.
	Clock clock.Clock `config:"-"`
}

// Validate says what is wrong with o.
func (o Options) Validate() error {
	var invalid errs.ValidationError
	switch o.Strategy {
	case "", ids.UUID4, ids.UUID7, ids.ULID, ids.Prefixed:
	default:
		invalid.Add("strategy", "is not one of uuid4, uuid7, ulid, prefixed", "")
	}
	for entity, p := range o.Prefixes {
		if checkPrefix(p) != nil || p == "" {
			invalid.Add("prefixes."+entity, `is not 1 to 63 of a-z and inner "_"`, "")
		}
	}
	return invalid.Err()
}

// A Generator makes IDs of one form as text. It is safe for concurrent use; make
// one with [New]. All but UUID4's sort in the order of the calls, by [Source].
type Generator struct {
	strategy ids.Strategy
	prefixes map[string]string
	source   Source
}

var _ ids.Generator = (*Generator)(nil)

// New returns a generator, or an error wrapping [ids.Err] that names every option that is wrong.
func New(o Options) (*Generator, error) {
	if err := o.Validate(); err != nil {
		return nil, ids.Err.Wrap(err, "ids: new generator")
	}
	return &Generator{
		strategy: cmp.Or(o.Strategy, ids.UUID4),
		prefixes: maps.Clone(o.Prefixes),
		source:   Source{Clock: o.Clock},
	}, nil
}

// Strategy returns the form of the IDs.
func (g *Generator) Strategy() ids.Strategy { return g.strategy }

// NewID returns an ID; of [ids.Prefixed], one without a prefix.
func (g *Generator) NewID() string { return g.make("") }

// NewIDFor returns an ID for a thing of the type, whose prefix is that of
// Options.Prefixes; only [ids.Prefixed] looks at it.
func (g *Generator) NewIDFor(entity string) string {
	if g.strategy != ids.Prefixed {
		return g.make("")
	}
	prefix, ok := g.prefixes[entity]
	if !ok {
		prefix = firstLetters(entity)
	}
	return g.make(prefix)
}

func (g *Generator) make(prefix string) string {
	switch g.strategy {
	case ids.UUID7:
		return g.source.UUID7().String()
	case ids.ULID:
		return g.source.ULID().String()
	case ids.Prefixed:
		return prefixed(prefix, g.source.UUID7())
	default:
		return UUID4().String()
	}
}

// firstLetters returns the first three letters from A to Z, in lower case.
func firstLetters(entity string) string {
	var b [3]byte
	n := 0
	for i := 0; i < len(entity) && n < len(b); i++ {
		if c := entity[i] | 0x20; 'a' <= c && c <= 'z' {
			b[n] = c
			n++
		}
	}
	return string(b[:n])
}
