package moduletest

import (
	"context"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

type (
	store  struct{ clock *clock }
	clock  struct{}
	spare  struct{}
	tuning struct{ Size int }
)

// provider registers a store that needs a clock.
type provider struct{ name string }

func (p provider) Name() string { return p.name }

func (provider) Register(r di.Registrar) error {
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (*store, error) {
		c, err := di.Get[*clock](ctx, r)
		return &store{c}, err
	}, di.Needs(di.KeyOf[*clock](), di.Optional(di.KeyOf[*spare]())))
}

// good is a module that keeps every rule.
func good() module.Descriptor {
	return module.Descriptor{
		Name:      "store",
		Providers: []lifecycle.Provider{provider{"store"}},
		Needs:     []di.Key{di.KeyOf[*clock](), di.KeyOf[*tuning]("*"), di.Optional(di.KeyOf[*spare]())},
		Exports:   []di.Key{di.KeyOf[*store]()},
		Config:    &tuning{Size: 1},
	}
}

// choice is a good module of two candidates.
func choice() module.Descriptor {
	a, b := good(), good()
	a.Name, b.Name = "small", "large"
	return module.Descriptor{Name: "store", OneOf: []module.Descriptor{a, b}, Exports: a.Exports}
}

func TestGood(t *testing.T) {
	Run(t, good)
}

func TestGoodChoice(t *testing.T) {
	Run(t, choice)
}

// with returns a good module that fault changes.
func with(fault func(*module.Descriptor)) func() module.Descriptor {
	return func() module.Descriptor {
		d := good()
		fault(&d)
		return d
	}
}

var shared = &tuning{}

func TestBroken(t *testing.T) {
	broken := map[string]map[string]func() module.Descriptor{
		"name": {
			"empty":     with(func(d *module.Descriptor) { d.Name = "" }),
			"capital":   with(func(d *module.Descriptor) { d.Name = "Store" }),
			"dot":       with(func(d *module.Descriptor) { d.Name = "a.b" }),
			"candidate": func() module.Descriptor { d := choice(); d.OneOf[1].Name = "1"; return d },
		},
		"config": {
			"shared":  with(func(d *module.Descriptor) { d.Config = shared }),
			"value":   with(func(d *module.Descriptor) { d.Config = tuning{} }),
			"nil":     with(func(d *module.Descriptor) { d.Config = (*tuning)(nil) }),
			"no keys": with(func(d *module.Descriptor) { d.Config = new(int) }),
		},
		"providers": {
			"nil": with(func(d *module.Descriptor) { d.Providers = append(d.Providers, nil) }),
		},
		"registers once": {
			"twice":  with(func(d *module.Descriptor) { d.Providers = append(d.Providers, d.Providers[0]) }),
			"panics": with(func(d *module.Descriptor) { d.Providers[0] = (*panics)(nil) }),
		},
		"exports are registered": {
			"absent": with(func(d *module.Descriptor) { d.Exports = []di.Key{di.KeyOf[*clock]()} }),
			"twice":  with(func(d *module.Descriptor) { d.Exports = append(d.Exports, d.Exports[0]) }),
			"star":   with(func(d *module.Descriptor) { d.Exports = []di.Key{di.KeyOf[*store]("*")} }),
			"zero":   with(func(d *module.Descriptor) { d.Exports = []di.Key{{}} }),
		},
		"needs are of others": {
			"own":   with(func(d *module.Descriptor) { d.Needs = append(d.Needs, d.Exports[0]) }),
			"twice": with(func(d *module.Descriptor) { d.Needs = append(d.Needs, d.Needs[0]) }),
			"both":  with(func(d *module.Descriptor) { d.Needs = append(d.Needs, di.Optional(d.Needs[0])) }),
			"may":   with(func(d *module.Descriptor) { d.Needs = append(d.Needs, di.Optional(d.Exports[0])) }),
			"zero":  with(func(d *module.Descriptor) { d.Needs = []di.Key{{}} }),
		},
		"needs are declared": {
			"by a service":  with(func(d *module.Descriptor) { d.Needs = nil }),
			"that may be":   with(func(d *module.Descriptor) { d.Providers = append(d.Providers, needy{optional: true}) }),
			"by a provider": with(func(d *module.Descriptor) { d.Providers = append(d.Providers, needy{}) }),
		},
		"choice": {
			"empty":     func() module.Descriptor { return module.Descriptor{Name: "x", OneOf: []module.Descriptor{}} },
			"config":    func() module.Descriptor { d := choice(); d.Config = &tuning{}; return d },
			"providers": func() module.Descriptor { d := choice(); d.Providers = good().Providers; return d },
			"same name": func() module.Descriptor { d := choice(); d.OneOf[0].Name = "large"; return d },
			"backend":   func() module.Descriptor { d := choice(); d.OneOf[0].Name = "backend"; return d },
			"exports":   func() module.Descriptor { d := choice(); d.OneOf[1].Exports = nil; return d },
		},
		"lifecycle": {
			"no name": with(func(d *module.Descriptor) { d.Providers[0] = provider{} }),
		},
	}
	for _, r := range rules {
		if len(broken[r.name]) == 0 {
			t.Errorf("rule %q: no module breaks it, so nothing shows that its check works", r.name)
		}
		for what, newModule := range broken[r.name] {
			if err := r.check(t.Context(), newModule); err == nil {
				t.Errorf("rule %q: the module that breaks it (%s) passed", r.name, what)
			}
		}
	}
}

// needy needs in Boot what its module does not have.
type needy struct{ optional bool }

func (needy) Name() string                                  { return "needy" }
func (needy) Register(di.Registrar) error                   { return nil }
func (needy) Boot(ctx context.Context, r di.Resolver) error { return nil }

func (n needy) Needs() []di.Key {
	if n.optional {
		return []di.Key{di.Optional(di.KeyOf[string]())}
	}
	return []di.Key{di.KeyOf[string]()}
}

// panics does so when it is asked for its services.
type panics struct{}

func (*panics) Name() string                { return "panics" }
func (*panics) Register(di.Registrar) error { panic("register") }
