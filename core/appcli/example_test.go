package appcli_test

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/appcli"
)

// Greetings is a contributor with one command.
type Greetings struct{}

func (Greetings) ID() string { return "greetings" }

func (Greetings) Commands() []cli.Command {
	loud := false
	return []cli.Command{{
		Path: "greet", Args: "NAME", Short: "Greet somebody", Example: "greet Ada --loud",
		Flags: func(fs *flag.FlagSet) { fs.BoolVar(&loud, "loud", false, "shout") },
		Run: func(_ context.Context, call *cli.Call) error {
			text := "hello, " + call.Args[0]
			if loud {
				text += "!"
			}
			return call.Print(text)
		},
	}}
}

// App is an application without modules; boot.App of core is one with modules.
type App struct{}

func (App) Contributions(context.Context) ([]cli.Contribution, error) {
	return []cli.Contribution{{Contributor: Greetings{}}}, nil
}

func (App) Do(ctx context.Context, _ string, _ []di.Key, fn func(context.Context, di.Resolver) error) error {
	return fn(ctx, nil)
}

func (App) Run(context.Context) error { return nil }

func Example() {
	o := appcli.Options{
		Name: "hello", Short: "Greets people",
		Open: func(context.Context) (cli.Application, error) { return App{}, nil },
	}
	for _, args := range [][]string{{"greet", "Ada"}, {"--loud", "greet", "Ada", "--json"}, {"great", "Ada"}} {
		code := appcli.Run(context.Background(), args, os.Stdout, os.Stdout, o)
		fmt.Println("exit status", code)
	}
	// Output:
	// hello, Ada
	// exit status 0
	// "hello, Ada!"
	// exit status 0
	// hello: unknown command "great" (did you mean "greet"?); see hello --help
	// exit status 2
}

func ExampleParseFields() {
	fields, err := appcli.ParseFields(`email:string!unique,team:int?!fk=Team,note:text=none\, yet`)
	if err != nil {
		panic(err)
	}
	for _, f := range fields {
		fmt.Printf("%s %s optional=%v unique=%v references=%q default=%q\n", f.Name, f.Type, f.Optional, f.Unique, f.References, f.Default)
	}
	_, err = appcli.ParseFields("email:string!uniqe")
	fmt.Println(err)
	// Output:
	// email string optional=false unique=true references="" default=""
	// team int optional=true unique=false references="Team" default=""
	// note text optional=false unique=false references="" default="none, yet"
	// fields "email:string!uniqe": column 14: !uniqe is not !unique or !fk
}
