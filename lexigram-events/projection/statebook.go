package projection

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/state"
)

// A stateBook keeps entries in a store of state. Their marks are what is stored.
type stateBook struct {
	store  state.Swapper
	prefix string
}

func (b stateBook) get(ctx context.Context, key string) (value []byte, mark string, err error) {
	value, err = b.store.Get(ctx, b.prefix+key)
	if errors.Is(err, state.ErrNotFound) {
		err = errAbsent
	}
	return value, string(value), err
}

func (b stateBook) swap(ctx context.Context, key, mark string, value []byte) (string, error) {
	var err error
	if mark == "" {
		err = b.store.Create(ctx, b.prefix+key, value, state.Permanent)
	} else {
		err = b.store.Swap(ctx, b.prefix+key, []byte(mark), value, state.Permanent)
	}
	if errors.Is(err, state.ErrChanged) {
		err = errMoved
	}
	return string(value), err
}

func (b stateBook) remove(ctx context.Context, key string) error {
	_, err := b.store.Delete(ctx, b.prefix+key)
	return err
}

func (b stateBook) atomically(ctx context.Context, fn func(ctx context.Context) error) error {
	return fn(ctx)
}

func (b stateBook) atomic() bool { return false }
