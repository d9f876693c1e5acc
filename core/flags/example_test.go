package flags_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/features"
	"github.com/lexigram/lexigram-go/core/flags"
)

func Example() {
	ctx := context.Background()
	env, err := flags.NewEnvironment(flags.EnvironmentOptions{Environ: []string{"LEX_FLAG_NEW_CHECKOUT=users:user/7"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defined, err := flags.NewMemory(
		flags.Flag{Key: "new-checkout", Type: features.Percentage, Percent: 0},
		flags.Flag{Key: "greeting", Value: "hello"},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := flags.New(flags.NewChain(env, defined), flags.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	who := features.Subject{ID: "user/7"}
	fmt.Println(features.Value(ctx, client, "new-checkout", false, who))
	fmt.Println(features.Value(ctx, client, "greeting", "hi", who))
	fmt.Println(client.Evaluate(ctx, "unknown", 0.5, who).Reason)
	// Output:
	// true
	// hello
	// flag_not_found
}
