package container_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

type Mailer struct{ From string }

type Signup struct{ mailer *Mailer }

func Example() {
	ctx := context.Background()
	c := container.New()
	mail := c.Module("mail", []di.Key{di.KeyOf[*Mailer]()}, nil)
	users := c.Module("users", []di.Key{di.KeyOf[*Signup]()}, []di.Key{di.KeyOf[*Mailer]()})
	_ = di.Value(mail, &Mailer{From: "hello@example.org"})
	_ = di.Singleton(users, func(ctx context.Context, r di.Resolver) (*Signup, error) {
		m, err := di.Get[*Mailer](ctx, r)
		return &Signup{m}, err
	}, di.Needs(di.KeyOf[*Mailer]()))
	if err := c.Freeze(); err != nil { // every problem of the graph, at once
		fmt.Println(err)
	}
	signup, err := di.Get[*Signup](ctx, c)
	fmt.Println(signup.mailer.From, err)
	fmt.Print(c)
	fmt.Println(c.Close(ctx))
	// Output:
	// hello@example.org <nil>
	// module mail
	//   *container_test.Mailer singleton
	// module users
	//   *container_test.Signup singleton <- *container_test.Mailer
	// <nil>
}
