package resilience_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// A client takes whatever policy it is given, and nil for none.
type client struct{ policy resilience.Policy }

func (c *client) price(ctx context.Context, product string) (int, error) {
	return resilience.Do(ctx, c.policy, func(context.Context) (int, error) {
		return 0, errors.New("connection refused")
	}, resilience.Fallback(func(context.Context, error) (int, error) {
		return 42, nil // yesterday's price
	}))
}

func ExampleDo() {
	price, err := (&client{}).price(context.Background(), "tea")
	fmt.Println(price, err)
	// Output: 42 <nil>
}
