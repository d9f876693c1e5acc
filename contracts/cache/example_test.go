package cache_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// Greet keeps greetings for a minute in whatever backend it is given.
func Greet(ctx context.Context, store cache.Store, name string) (string, error) {
	greeting, err := store.Get(ctx, "greeting:"+name)
	if errors.Is(err, cache.ErrMiss) {
		greeting = []byte("hello " + name)
		err = store.Set(ctx, "greeting:"+name, greeting, time.Minute)
	}
	if err != nil {
		return "", err
	}
	return string(greeting), nil
}

// texts is the least that a test needs of a store.
type texts map[string][]byte

func (t texts) Get(_ context.Context, key string) ([]byte, error) {
	if v, ok := t[key]; ok {
		return v, nil
	}
	return nil, cache.ErrMiss
}

func (t texts) Set(_ context.Context, key string, value []byte, _ time.Duration) error {
	t[key] = value
	return nil
}

func (t texts) Delete(_ context.Context, key string) error {
	delete(t, key)
	return nil
}

func ExampleStore() {
	store := texts{}
	greeting, err := Greet(context.Background(), store, "Ada")
	fmt.Println(greeting, err, len(store))
	// Output: hello Ada <nil> 1
}
