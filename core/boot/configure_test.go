package boot_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/configfile"
	"github.com/lexigram/lexigram-go/core/container"
)

type settings struct {
	Size int
}

// configured returns a module whose one service is its settings' size.
func configured(name string) module.Descriptor {
	cfg := &settings{Size: 7}
	f := &fake{name: name, diary: &diary{}, wave: lifecycle.Normal, register: func(r di.Registrar) error { return di.Value(r, cfg.Size) }}
	return module.Descriptor{Name: name, Providers: []lifecycle.Provider{f}, Exports: []di.Key{di.KeyOf[int]()}, Config: cfg}
}

func tree(t *testing.T, values map[string]any) config.Config {
	t.Helper()
	c, err := configfile.Load(t.Context(), configfile.Options{Overrides: values, Environ: []string{}})
	must(t, err)
	return c
}

func size(t *testing.T, values map[string]any, modules ...module.Descriptor) int {
	t.Helper()
	a := boot.New(boot.Options{Config: tree(t, values)}).Add(modules...)
	must(t, a.Start(t.Context()))
	defer func() { must(t, a.Stop(t.Context())) }()
	n, err := di.Get[int](t.Context(), a)
	must(t, err)
	return n
}

func TestConfig(t *testing.T) {
	if n := size(t, nil, configured("box")); n != 7 {
		t.Errorf("the default is %d", n)
	}
	if n := size(t, map[string]any{"box.size": 3}, configured("box")); n != 3 {
		t.Errorf("the setting is %d", n)
	}
}

func TestChoose(t *testing.T) {
	choice := func() module.Descriptor { return boot.Choose("box", configured("small"), configured("large")) }
	moduletest.Run(t, choice)
	for want, values := range map[int]map[string]any{
		7: nil, // the first, with its defaults
		1: {"box.small.size": 1, "box.large.size": 9},
		9: {"box.backend": "large", "box.small.size": 1, "box.large.size": 9, "box.small.unknown": "ignored"},
	} {
		if n := size(t, values, choice()); n != want {
			t.Errorf("%v: %d, want %d", values, n, want)
		}
	}
}

func TestNestedChoice(t *testing.T) {
	nested := boot.Choose("box", configured("plain"), boot.Choose("big", configured("small"), configured("large")))
	n := size(t, map[string]any{"box.backend": "big", "box.big.backend": "large", "box.big.large.size": 5}, nested)
	if n != 5 {
		t.Errorf("got %d", n)
	}
}

func TestChooseExportsWhatAllHave(t *testing.T) {
	a, b := configured("a"), configured("b")
	a.Exports = append(a.Exports, di.KeyOf[string]())
	if got := boot.Choose("x", a, b).Exports; !slices.Equal(got, b.Exports) {
		t.Errorf("got %v", got)
	}
}

func TestConfigProblemsAtOnce(t *testing.T) {
	plain := configured("plain")
	plain.Config = nil
	a := boot.New(boot.Options{Config: tree(t, map[string]any{
		"bx.size":         1,         // no such module
		"box.sise":        1,         // no such key
		"cache.backend":   "lagre",   // no such candidate
		"store.memmory.x": 1,         // neither a candidate nor a key
		"plain.any":       1,         // a module without configuration
		"environment":     "staging", // is the loader's own
	})}).Add(configured("box"), plain,
		boot.Choose("cache", configured("small"), configured("large")),
		boot.Choose("store", configured("memory"), configured("disk")))
	err := a.Start(t.Context())
	problem(t, err, config.ErrUnknown, "bx: ", `(did you mean "box"?)`, "box.sise: ",
		"store.memmory", "valid here are backend, disk, memory", `(did you mean "memory"?)`,
		"plain.any: ", `module "plain" has no configuration`)
	problem(t, err, config.ErrValue, `cache.backend: "lagre" is not one of large, small (did you mean "large"?)`)
	if _, ok := errors.AsType[*config.KeyError](err); !ok {
		t.Errorf("%T holds no KeyError", err)
	}
}

func TestInvalidModules(t *testing.T) {
	for name, modules := range map[string][]module.Descriptor{
		"bad name":         {configured("Box")},
		"no name":          {configured("")},
		"name twice":       {configured("box"), configured("box")},
		"empty choice":     {boot.Choose("box")},
		"same candidates":  {boot.Choose("box", configured("a"), configured("a"))},
		"backend":          {boot.Choose("box", configured("backend"))},
		"choice of a name": {boot.Choose("box", configured("A"))},
		"nil provider":     {{Name: "box", Providers: []lifecycle.Provider{nil}}},
	} {
		t.Run(name, func(t *testing.T) {
			problem(t, boot.New(boot.Options{}).Add(modules...).Start(t.Context()), boot.ErrModule)
		})
	}
}

// What one candidate exports and its choice does not is no service of others;
// the error says what to do.
func TestServiceOfOneCandidate(t *testing.T) {
	one := &fake{name: "one", diary: &diary{}}
	two := &fake{name: "two", diary: &diary{}}
	user := &fake{name: "user", needs: []string{"one"}, diary: &diary{}}
	for _, first := range [][]module.Descriptor{{one.module(), two.module()}, {two.module(), one.module()}} {
		a := boot.New(boot.Options{}).Add(boot.Choose("box", first...), user.module())
		err := a.Start(t.Context())
		problem(t, err, di.Err, `module "user"`, `candidate "one" of the choice "box" has it`, "export it from all of them")
		if _, ok := errors.AsType[*container.Problem](err); !ok {
			t.Errorf("%v holds no Problem", err)
		}
	}
}

// A need that another module keeps to itself: the error says whose it is.
func TestServiceOfAnotherModule(t *testing.T) {
	owner := &fake{name: "owner", diary: &diary{}}
	user := &fake{name: "user", needs: []string{"owner"}, diary: &diary{}}
	private := owner.module()
	private.Exports = nil
	err := boot.New(boot.Options{}).Add(private, user.module()).Start(t.Context())
	problem(t, err, di.ErrHidden, `module "user"`, `*boot_test.token "owner"`, `private to module "owner"; add it to the Exports there`)
	undeclared := user.module()
	undeclared.Needs = nil
	err = boot.New(boot.Options{}).Add(owner.module(), undeclared).Start(t.Context())
	problem(t, err, di.ErrUndeclared, `module "owner", provider "owner" offers it; name it in the Needs of module "user"`)
}

// Two modules may keep services of one key to themselves.
func TestPrivateKeysDoNotCollide(t *testing.T) {
	mine := func(name string) *fake {
		return &fake{name: name, diary: &diary{}, register: func(r di.Registrar) error {
			return errors.Join(
				di.Value(r, &token{name}),
				di.Singleton(r, func(ctx context.Context, r di.Resolver) (*token, error) { return di.Get[*token](ctx, r) }, di.Named(name), di.Needs(di.KeyOf[*token]())))
		}}
	}
	a := boot.New(boot.Options{})
	for _, name := range []string{"one", "two"} {
		m := mine(name).module()
		m.Exports = tokens([]string{name})
		a.Add(m)
	}
	must(t, a.Start(t.Context()))
	defer func() { must(t, a.Stop(t.Context())) }()
	for _, name := range []string{"one", "two"} {
		if got, err := di.Get[*token](t.Context(), a, name); err != nil || got.name != name {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
