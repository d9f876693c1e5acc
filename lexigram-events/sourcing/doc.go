// Package sourcing builds aggregates from their events: what happened is what is
// stored, and the state is what the events make of nothing.
//
//	type Account struct {
//		sourcing.Root
//		Balance int
//	}
//
//	type Deposited struct{ Amount int }
//
//	var deposited = sourcing.Fact[*Account, Deposited]{
//		Type:  "bank.account.deposited",
//		Apply: func(a *Account, d Deposited) { a.Balance += d.Amount },
//	}
//
//	func (a *Account) Deposit(amount int) error {
//		if amount <= 0 {
//			return ErrAmount
//		}
//		deposited.Raise(a, Deposited{amount})
//		return nil
//	}
//
//	accounts, err := sourcing.New(store, sourcing.Options[*Account]{
//		Source: "/bank", Prefix: "account-", Codec: jsoncodec.Codec{},
//		New:    func() *Account { return new(Account) },
//		Facts:  []sourcing.AnyFact[*Account]{deposited},
//	})
//	account, err := accounts.Update(ctx, "7", func(ctx context.Context, a *Account) error { return a.Deposit(10) })
package sourcing
