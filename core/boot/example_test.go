package boot_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/configfile"
)

// Greeter is what the modules of the example offer.
type Greeter interface{ Greet(name string) string }

type polite struct{ cfg *politeConfig }

type politeConfig struct{ Greeting string }

func (p polite) Name() string                  { return "polite" }
func (p polite) Register(r di.Registrar) error { return di.Value[Greeter](r, p) }
func (p polite) Greet(name string) string      { return p.cfg.Greeting + ", " + name }

func politeModule() module.Descriptor {
	cfg := &politeConfig{Greeting: "Good day"}
	return module.Descriptor{
		Name: "polite", Config: cfg,
		Providers: []lifecycle.Provider{polite{cfg}}, Exports: []di.Key{di.KeyOf[Greeter]()},
	}
}

func Example() {
	ctx := context.Background()
	cfg, err := configfile.Load(ctx, configfile.Options{
		Environ: []string{}, Overrides: map[string]any{"greeter.polite.greeting": "Good morning"},
	})
	if err != nil {
		fmt.Println(err)
	}
	app := boot.New(boot.Options{Config: cfg}).Add(boot.Choose("greeter", politeModule()))
	if err := app.Start(ctx); err != nil {
		fmt.Println(err)
	}
	greeter, err := di.Get[Greeter](ctx, app)
	fmt.Println(greeter.Greet("Ada"), err)
	fmt.Println(app.Stop(ctx))
	// Output:
	// Good morning, Ada <nil>
	// <nil>
}
