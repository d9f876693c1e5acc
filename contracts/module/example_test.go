package module_test

import (
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Config has the keys of the section "greeter".
type Config struct {
	Greeting string `config:"greeting"`
}

type greeter struct{ config *Config }

func (greeter) Name() string { return "greeter" }

func (g greeter) Register(r di.Registrar) error { return di.Value(r, g) }

// Module returns the module "greeter", whose configuration starts from defaults.
func Module(defaults Config) module.Descriptor {
	if defaults.Greeting == "" {
		defaults.Greeting = "Hello"
	}
	return module.Descriptor{
		Name:      "greeter",
		Providers: []lifecycle.Provider{greeter{&defaults}},
		Exports:   []di.Key{di.KeyOf[greeter]()},
		Config:    &defaults,
	}
}

func Example() {
	d := Module(Config{})
	fmt.Println(d.Name, d.Exports[0], d.Config.(*Config).Greeting)
	// Output:
	// greeter module_test.greeter Hello
}
