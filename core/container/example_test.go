package container_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

type Mailer struct{ From string }

type Signup struct{ mailer *Mailer }

// A Session is what each request has for itself.
type Session struct{ user string }

func ExampleUnit() {
	ctx := context.Background()
	c := container.New()
	_ = di.Scoped(c, func(context.Context, di.Resolver) (*Session, error) { return &Session{"ada"}, nil },
		di.Closed(func(_ context.Context, s *Session) error { fmt.Println("bye", s.user); return nil }))
	greet := c.Unit("greet", di.KeyOf[*Session]())
	fmt.Println(c.Freeze()) // checks what the unit needs, too
	fmt.Println(di.Invoke(ctx, greet, func(ctx context.Context, r di.Resolver) error {
		s, err := di.Get[*Session](ctx, r)
		if err == nil {
			fmt.Println("hello", s.user)
		}
		return err
	}))
	// Output:
	// <nil>
	// hello ada
	// bye ada
	// <nil>
}

func ExampleContainer_Child() {
	ctx := context.Background()
	app := container.New()
	_ = di.Value(app, &Mailer{From: "hello@example.org"})
	_ = app.Freeze()

	tenant := app.Child()
	_ = di.Singleton(tenant, func(ctx context.Context, r di.Resolver) (*Signup, error) {
		m, err := di.Get[*Mailer](ctx, r) // the application's
		return &Signup{m}, err
	}, di.Needs(di.KeyOf[*Mailer]()))
	_ = tenant.Freeze()
	signup, err := di.Get[*Signup](ctx, tenant)
	fmt.Println(signup.mailer.From, err)
	fmt.Println(tenant.Close(ctx), app.Close(ctx))
	// Output:
	// hello@example.org <nil>
	// <nil> <nil>
}

func ExampleContainer_Override() {
	c := container.New()
	mail := c.Module("mail", nil, nil)
	_ = di.Value(mail, &Mailer{From: "hello@example.org"})
	_ = di.Value(c.Override("mail"), &Mailer{From: "test@example.org"})
	_ = di.Value(c.Override("mial"), &Mailer{})
	fmt.Println(c.Freeze())
	// Output:
	// di: module "mial": override of *container_test.Mailer: there is no such module (there are "mail")
}

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
