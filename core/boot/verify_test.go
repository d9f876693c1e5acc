package boot_test

import (
	"context"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/container/containertest"
)

var _ containertest.Verifier = (*boot.App)(nil)

func never(context.Context, di.Resolver) (*token, error) { panic("built") }

// hiding is a module with a service of its own and one that it exports.
func hiding(d *diary) module.Descriptor {
	return module.Descriptor{
		Name: "hiding", Exports: []di.Key{di.KeyOf[string]()},
		Providers: []lifecycle.Provider{&fake{name: "hidden", diary: d, register: func(r di.Registrar) error {
			if err := di.Singleton(r, never); err != nil {
				return err
			}
			return di.Singleton(r, func(ctx context.Context, r di.Resolver) (string, error) {
				tok, err := di.Get[*token](ctx, r)
				if err != nil {
					return "", err
				}
				return tok.name, nil
			}, di.Needs(di.KeyOf[*token]()))
		}}},
	}
}

func TestOverride(t *testing.T) {
	var d diary
	a := boot.New(boot.Options{}).Add(hiding(&d))
	must(t, di.Value(a.Override("hiding"), &token{"fake"}))
	containertest.Verify(t, a)
	containertest.Verify(t, a)
	d.is(t, "")
	must(t, a.Start(t.Context()))
	if got, err := di.Get[string](t.Context(), a); got != "fake" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	problem(t, di.Value(a.Override("hiding"), &token{}), boot.ErrState, "ready")
	must(t, a.Verify(), a.Stop(t.Context()))
}

func TestOverrideOfNothing(t *testing.T) {
	a := boot.New(boot.Options{}).Add(hiding(&diary{}))
	must(t, di.Value(a.Override("hidding"), &token{}), di.Value(a.Override("hiding"), 7))
	problem(t, a.Override("hiding").Register(di.Registration{}), di.Err)
	for name, err := range map[string]error{"Verify": a.Verify(), "Start": a.Start(t.Context())} {
		t.Run(name, func(t *testing.T) {
			problem(t, err, di.ErrMissing, `module "hidding"`, `there are "hiding"`, "int: the module does not register it")
		})
	}
}
