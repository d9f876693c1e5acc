package memoryeventstore

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Module offers a [Store] as [eventstore.Log], [eventstore.Store] and [eventstore.AllReader].
func Module() module.Descriptor {
	return module.Descriptor{
		Name:      "memoryeventstore",
		Providers: []lifecycle.Provider{provider{}},
		Exports:   []di.Key{di.KeyOf[eventstore.Log](), di.KeyOf[eventstore.Store](), di.KeyOf[eventstore.AllReader]()},
	}
}

type provider struct{}

func (provider) Name() string { return "memoryeventstore" }

func (provider) Register(r di.Registrar) error {
	log := di.Needs(di.KeyOf[eventstore.Log]())
	for _, err := range []error{
		di.Singleton(r, func(context.Context, di.Resolver) (eventstore.Log, error) { return New(), nil }),
		di.Singleton(r, as[eventstore.Store], log),
		di.Singleton(r, as[eventstore.AllReader], log),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// as yields the log as a part of itself.
func as[T any](ctx context.Context, r di.Resolver) (T, error) {
	log, err := di.Get[eventstore.Log](ctx, r)
	if err != nil {
		var none T
		return none, err
	}
	return any(log).(T), nil
}
