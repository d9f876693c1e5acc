package moduletest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/lifecycle/lifecycletest"
	"github.com/lexigram/lexigram-go/contracts/module"
)

var rules = []rule{
	{
		name:  "name",
		says:  "Name is a lower-case word of letters, digits and underscores that begins with a letter",
		check: each(func(_ context.Context, d module.Descriptor) error { return checkName(d.Name) }),
	},
	{
		name:  "config",
		says:  "Config is nil or a pointer to a struct; module functions make a new one on every call",
		check: checkConfig,
	},
	{
		name: "providers",
		says: "Providers holds no nil",
		check: each(func(_ context.Context, d module.Descriptor) error {
			if i := slices.Index(d.Providers, nil); i >= 0 {
				return fmt.Errorf("provider %d is nil", i)
			}
			return nil
		}),
	},
	{
		name: "registers once",
		says: "no two registrations of a module have the same key, unless the later one replaces the earlier",
		check: each(func(_ context.Context, d module.Descriptor) error {
			_, err := registered(d)
			return err
		}),
	},
	{
		name:  "exports are registered",
		says:  "each of Exports is registered by one of Providers, and named once",
		check: each(checkExports),
	},
	{
		name:  "needs are of others",
		says:  "Needs are services of other modules: none is registered by this one, and each is named once",
		check: each(checkNeeds),
	},
	{
		name:  "needs are declared",
		says:  "its providers may resolve its own services and those of Needs",
		check: each(checkDeclared),
	},
	{
		name:  "choice",
		says:  "a choice has no Providers and no Config; the candidates' names differ and none is \"backend\"; every candidate has the Exports of the choice",
		check: each(checkChoice),
	},
	{
		name:  "lifecycle",
		says:  "every provider keeps the contract of package lifecycle",
		check: checkLifecycle,
	},
}

// each runs check on the module, and on every candidate of a choice.
func each(check func(context.Context, module.Descriptor) error) func(context.Context, func() module.Descriptor) error {
	return func(ctx context.Context, newModule func() module.Descriptor) error {
		return visit(newModule(), func(d module.Descriptor) error { return check(ctx, d) })
	}
}

func visit(d module.Descriptor, check func(module.Descriptor) error) error {
	err := errs.Catch(func() error { return check(d) })
	for _, c := range d.OneOf {
		err = errors.Join(err, visit(c, check))
	}
	return err
}

func checkName(name string) error {
	for i, c := range name {
		if letter := c >= 'a' && c <= 'z'; !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return fmt.Errorf("the name is %q", name)
		}
	}
	if name == "" {
		return errors.New("the name is empty")
	}
	return nil
}

func checkConfig(_ context.Context, newModule func() module.Descriptor) error {
	var first []any
	err := visit(newModule(), func(d module.Descriptor) error {
		v := reflect.ValueOf(d.Config)
		if d.Config != nil && (v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct) {
			return fmt.Errorf("the Config of %q is a %T", d.Name, d.Config)
		}
		first = append(first, d.Config)
		return nil
	})
	if err != nil {
		return err
	}
	i := 0
	return visit(newModule(), func(d module.Descriptor) error {
		defer func() { i++ }()
		if d.Config == nil || reflect.TypeOf(d.Config).Elem().Size() == 0 {
			return nil // pointers to nothing may be equal
		}
		if i < len(first) && first[i] == d.Config {
			return fmt.Errorf("two calls return the same %T", d.Config)
		}
		return nil
	})
}

// A catalogue is a registrar that keeps what a module's providers register.
type catalogue map[di.Key]di.Registration

func (c catalogue) Register(reg di.Registration) error {
	if _, dup := c[reg.Key]; dup && !reg.Replace {
		return di.ErrDuplicate.Wrap(nil, "di: register %v", reg.Key)
	}
	c[reg.Key] = reg
	return nil
}

// has reports whether k, or what it stands for, is registered.
func (c catalogue) has(k di.Key) bool {
	if k.Name != "*" {
		_, ok := c[required(k)]
		return ok
	}
	for own := range c {
		if own.Type == k.Type {
			return true
		}
	}
	return false
}

// required returns the key of the service that k, which may be optional, needs.
func required(k di.Key) di.Key {
	k.Name = strings.TrimSuffix(k.Name, "?")
	return k
}

func registered(d module.Descriptor) (catalogue, error) {
	c := catalogue{}
	for _, p := range d.Providers {
		if p == nil {
			continue // the rule "providers" says so
		}
		if err := p.Register(c); err != nil {
			return nil, fmt.Errorf("provider %q: Register = %w", p.Name(), err)
		}
	}
	return c, nil
}

func checkExports(_ context.Context, d module.Descriptor) error {
	c, err := registered(d)
	if err != nil || d.OneOf != nil {
		return err
	}
	for i, k := range d.Exports {
		switch {
		case k.Type == nil || k.Name == "*":
			return fmt.Errorf("export %d is no key of one service", i)
		case !c.has(k):
			return fmt.Errorf("%v is exported and no provider registers it", k)
		case slices.Contains(d.Exports[:i], k):
			return fmt.Errorf("%v is exported twice", k)
		}
	}
	return nil
}

func checkNeeds(_ context.Context, d module.Descriptor) error {
	c, err := registered(d)
	if err != nil {
		return err
	}
	for i, k := range d.Needs {
		switch {
		case k.Type == nil:
			return fmt.Errorf("need %d has no type", i)
		case k.Name != "*" && c.has(k): // others may offer more of what is collected
			return fmt.Errorf("%v is needed from others and registered here", k)
		case slices.ContainsFunc(d.Needs[:i], func(o di.Key) bool { return required(o) == required(k) }):
			return fmt.Errorf("%v is needed twice", required(k))
		}
	}
	return nil
}

func checkDeclared(_ context.Context, d module.Descriptor) error {
	c, err := registered(d)
	if err != nil {
		return err
	}
	declared := func(who string, needs []di.Key) {
		for _, k := range needs {
			if k = required(k); !c.has(k) && !slices.Contains(d.Needs, k) && !slices.Contains(d.Needs, di.Optional(k)) {
				err = errors.Join(err, fmt.Errorf("%s needs %v, which the module neither registers nor names in Needs", who, k))
			}
		}
	}
	for k, reg := range c {
		declared(k.String(), reg.Needs)
	}
	for _, p := range d.Providers {
		if b, ok := p.(lifecycle.Booter); ok {
			declared(fmt.Sprintf("provider %q", p.Name()), b.Needs())
		}
	}
	return err
}

func checkChoice(_ context.Context, d module.Descriptor) error {
	if d.OneOf == nil {
		return nil
	}
	if len(d.OneOf) == 0 || len(d.Providers) > 0 || d.Config != nil {
		return fmt.Errorf("the choice %q has %d candidates, %d providers and a Config of type %T", d.Name, len(d.OneOf), len(d.Providers), d.Config)
	}
	seen := map[string]bool{"backend": true}
	for _, c := range d.OneOf {
		if seen[c.Name] {
			return fmt.Errorf("candidate %q: the name is taken", c.Name)
		}
		seen[c.Name] = true
		for _, k := range d.Exports {
			if !slices.Contains(c.Exports, k) {
				return fmt.Errorf("candidate %q does not export %v", c.Name, k)
			}
		}
	}
	return nil
}

// checkLifecycle gives each rule of each provider a module of its own.
func checkLifecycle(ctx context.Context, newModule func() module.Descriptor) error {
	count := 0
	err := visit(newModule(), func(d module.Descriptor) error { count += len(d.Providers); return nil })
	for i := range count {
		nth := func() lifecycle.Provider {
			var all []lifecycle.Provider
			_ = visit(newModule(), func(d module.Descriptor) error { all = append(all, d.Providers...); return nil })
			return all[i]
		}
		p := nth()
		if p == nil {
			continue // the rule "providers" says so
		}
		if broken := lifecycletest.Check(ctx, nth); broken != nil {
			err = errors.Join(err, fmt.Errorf("provider %q: %w", p.Name(), broken))
		}
	}
	return err
}
