package secretstore_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/core/keys"
	"github.com/lexigram/lexigram-go/core/secretstore"
)

func Example() {
	ctx := context.Background()
	// The master key comes from the environment, and everything else is sealed with it.
	env, err := secretstore.NewEnvironment(secretstore.EnvironmentOptions{
		Environ: []string{"SECRET_MASTER_KEY=fifty-nine random bytes that nobody else has ever seen, please"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	master, err := env.Get(ctx, "master-key")
	if err != nil {
		fmt.Println(err)
		return
	}
	ring, err := keys.FromSecret(master, "2026-11")
	if err != nil {
		fmt.Println(err)
		return
	}
	envelope, err := keys.NewEnvelope(keys.Derived(ring, "secrets"))
	if err != nil {
		fmt.Println(err)
		return
	}
	store, err := secretstore.NewEncrypted(&secretstore.Memory{}, envelope) // or one over SQL
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(store.Set(ctx, "smtp/password", config.NewSecret("hunter2")))
	password, err := store.Get(ctx, "smtp/password")
	fmt.Println(password, password.Reveal(), err)
	fmt.Println(security.Has(ctx, store, "smtp/user"))
	// Output:
	// <nil>
	// *** hunter2 <nil>
	// false <nil>
}
