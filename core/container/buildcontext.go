package container

import (
	"context"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A buildContext is the context of a Build. It knows what is being built, so
// that a Build which goes round its resolver and asks for itself gets an error
// instead of waiting for itself.
type buildContext struct {
	context.Context
	entry *entry
	scope *Scope
}

type buildKey struct{}

func (b *buildContext) Value(key any) any {
	if key == (buildKey{}) {
		return b
	}
	return b.Context.Value(key)
}

// up returns the build that this one is part of, or nil.
func (b *buildContext) up() *buildContext {
	u, _ := b.Context.Value(buildKey{}).(*buildContext)
	return u
}

// within reports whether ctx belongs to a build of e, directly or not.
func within(ctx context.Context, e *entry, s *Scope) bool {
	b, _ := ctx.Value(buildKey{}).(*buildContext)
	for ; b != nil; b = b.up() {
		if b.entry == e && b.scope == s {
			return true
		}
	}
	return false
}

// sheltered reports whether ctx belongs to a build of a singleton, directly or
// not: whoever wants that gives up without ending this goroutine's work.
func sheltered(ctx context.Context) bool {
	b, _ := ctx.Value(buildKey{}).(*buildContext)
	for ; b != nil; b = b.up() {
		if b.entry.reg.Lifetime == di.SingletonLifetime {
			return true
		}
	}
	return false
}

// cycleError names the path from e back to e.
func cycleError(ctx context.Context, e *entry, s *Scope) error {
	path := []di.Key{e.reg.Key}
	b, _ := ctx.Value(buildKey{}).(*buildContext)
	for ; b != nil; b = b.up() {
		path = append(path, b.entry.reg.Key)
		if b.entry == e && b.scope == s {
			break
		}
	}
	slices.Reverse(path)
	return di.ErrCycle.Wrap(nil, "di: resolve %s", arrows(path))
}
