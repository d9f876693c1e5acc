package sourcing_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/lexigram-events/sourcing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// jsons is a codec over encoding/json; an application has core/jsoncodec.
type jsons struct{}

func (jsons) Marshal(v any) ([]byte, error)         { return json.Marshal(v) }
func (jsons) Unmarshal(data []byte, into any) error { return json.Unmarshal(data, into) }

type Account struct {
	sourcing.Root
	Owner   string
	Balance int

	applied int // in this process
}

type (
	Opened    struct{ Owner string }
	Deposited struct{ Amount int }
)

var (
	opened = sourcing.Fact[*Account, Opened]{
		Type:  "bank.account.opened",
		Apply: func(a *Account, o Opened) { a.Owner = o.Owner; a.applied++ },
	}
	deposited = sourcing.Fact[*Account, Deposited]{
		Type: "bank.account.deposited", Schema: 2,
		Apply: func(a *Account, d Deposited) { a.Balance += d.Amount; a.applied++ },
	}
)

var errAmount = errors.New("an amount is more than nothing")

func (a *Account) Open(owner string) { opened.Raise(a, Opened{owner}) }

func (a *Account) Deposit(amount int) error {
	if amount <= 0 {
		return errAmount
	}
	deposited.Raise(a, Deposited{amount})
	return nil
}

func options() sourcing.Options[*Account] {
	return sourcing.Options[*Account]{
		Source: "/bank", Prefix: "account-", Codec: jsons{}, New: func() *Account { return new(Account) },
		Facts: []sourcing.AnyFact[*Account]{opened, deposited},
	}
}

func repository(t *testing.T, store eventstore.Store, edit ...func(*sourcing.Options[*Account])) *sourcing.Repository[*Account] {
	t.Helper()
	o := options()
	for _, e := range edit {
		e(&o)
	}
	r, err := sourcing.New(store, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func deposit(amount int) func(context.Context, *Account) error {
	return func(_ context.Context, a *Account) error { return a.Deposit(amount) }
}
