package keys_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/core/keys"
)

func Example() {
	ctx := context.Background()
	master := config.NewSecret("32 random bytes or more, from a secret store")
	ring, err := keys.FromSecret(master, "2026-11", "2026-05") // the current one first
	if err != nil {
		fmt.Println(err)
		return
	}
	envelope, err := keys.NewEnvelope(keys.Derived(ring, "notes"))
	if err != nil {
		fmt.Println(err)
		return
	}
	sealed, err := envelope.Seal(ctx, "notes/7", []byte("meet at noon"))
	id, _ := keys.KeyID(sealed)
	fmt.Println(id, err)

	plain, err := envelope.Open(ctx, "notes/7", sealed)
	fmt.Printf("%s %v\n", plain, err)

	_, err = envelope.Open(ctx, "notes/8", sealed)
	fmt.Println(errors.Is(err, security.ErrOpen))
	// Output:
	// 2026-11 <nil>
	// meet at noon <nil>
	// true
}
