package configfile

import (
	"context"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// A Live is a section that follows a [Reloader]. It is safe for concurrent use;
// [Follow] returns one.
type Live[T any] struct {
	r     *Reloader
	index int
}

// Follow decodes the section under key over defaults, now and at each reload,
// which a section that cannot be decoded, or whose Validate objects, rejects. The error is
// that of [Tree.Decode], or the cause of ctx, which ends the wait for a reload that is going on.
func Follow[T any](ctx context.Context, r *Reloader, key string, defaults T) (*Live[T], error) {
	if err := r.lock(ctx); err != nil {
		return nil, config.Err.Wrap(err, "configfile: follow %q", key)
	}
	defer r.unlock()
	decode := func(t *Tree) (any, error) {
		filled := defaults
		if err := t.Decode(key, &filled); err != nil {
			return nil, err
		}
		return &filled, nil
	}
	old := r.current.Load()
	section, err := decode(old.tree)
	if err != nil {
		return nil, err
	}
	tree, err := r.learn(old.tree, key, &defaults)
	if err != nil {
		return nil, err
	}
	r.decode = append(r.decode, decode)
	r.current.Store(&snapshot{tree: tree, sections: append(slices.Clip(old.sections), section)})
	return &Live[T]{r: r, index: len(old.sections)}, nil
}

// learn adds a section to what loads know, so that changes do not show its
// secrets, and returns tree with that knowledge.
func (r *Reloader) learn(tree *Tree, key string, defaults any) (*Tree, error) {
	more, err := describe(tree.prefix, map[string]any{key: defaults})
	if err != nil {
		return nil, err
	}
	r.o.Load.known = r.o.Load.known.with(more)
	return tree.knowing(r.o.Load.known), nil
}

// Get returns the section as it is now. What it points to is shared: do not
// change it. Get waits for nobody and does not allocate.
func (l *Live[T]) Get() T {
	return *l.r.current.Load().sections[l.index].(*T)
}
