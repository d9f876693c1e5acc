package boot_test

import (
	"context"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
)

// contribution is what a collector collects.
type contribution struct{ name string }

// A contributor offers a contribution and has a later boot than the collector.
type contributor struct{ fake }

func (c *contributor) Register(r di.Registrar) error {
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (*contribution, error) {
		_, err := di.Get[*token](ctx, r, "db")
		return &contribution{c.name}, err
	}, di.Named(c.name), di.Needs(di.KeyOf[*token]("db")))
}

// A collector resolves every contribution when it boots.
type collector struct{ fake }

func (c *collector) Register(di.Registrar) error { return nil }

func (c *collector) Needs() []di.Key { return []di.Key{di.KeyOf[*contribution]("*")} }

func (c *collector) Boot(ctx context.Context, r di.Resolver) error {
	all, err := di.All[*contribution](ctx, r)
	if err != nil {
		return err
	}
	for _, one := range all {
		c.diary.note("collected:" + one.name)
	}
	return c.fake.Boot(ctx, r)
}

// A collector, such as what applies migrations, boots before those whose
// contributions it collects, and after what these are built from.
func TestCollectingOrdersNothing(t *testing.T) {
	var d diary
	db := &fake{name: "db", diary: &d, wave: lifecycle.Low}
	migrate := &collector{fake{name: "migrate", diary: &d, wave: lifecycle.Infrastructure}}
	orders := &contributor{fake{name: "orders", diary: &d, wave: lifecycle.Normal}}
	a := boot.New(boot.Options{}).Add(
		module.Descriptor{
			Name: "orders", Providers: []lifecycle.Provider{orders},
			Needs: tokens([]string{"db"}), Exports: []di.Key{di.KeyOf[*contribution]("orders")},
		},
		module.Descriptor{Name: "migrate", Providers: []lifecycle.Provider{migrate}, Needs: migrate.Needs()},
		db.module(),
	)
	must(t, a.Start(t.Context()), a.Stop(t.Context()))
	d.before(t, "boot:db", "collected:orders")
	d.before(t, "collected:orders", "boot:migrate")
	d.before(t, "boot:migrate", "boot:orders")
}

// What one candidate contributes and another one does not (the tables of a
// backend over SQL) reaches collectors, and nobody who needs it by its key.
func TestCollectingFromChosen(t *testing.T) {
	for backend, want := range map[string]string{"memory": "boot:collect", "rows": "collected:rows boot:collect"} {
		var d diary
		plain := module.Descriptor{Name: "memory", Providers: []lifecycle.Provider{&fake{name: "memory", diary: &diary{}}}}
		rows := module.Descriptor{
			Name: "rows", Providers: []lifecycle.Provider{&contributor{fake{name: "rows", diary: &diary{}}}},
			Needs: tokens([]string{"db"}), Exports: []di.Key{di.KeyOf[*contribution]("rows")},
		}
		collect := &collector{fake{name: "collect", diary: &d}}
		a := boot.New(boot.Options{Config: tree(t, map[string]any{"keep.backend": "nested", "keep.nested.backend": backend})}).Add(
			(&fake{name: "db", diary: &diary{}}).module(),
			boot.Choose("keep", plain, boot.Choose("nested", plain, rows)),
			module.Descriptor{Name: "collect", Providers: []lifecycle.Provider{collect}, Needs: collect.Needs()},
		)
		must(t, a.Start(t.Context()))
		if _, err := di.Get[*contribution](t.Context(), a, "rows"); err == nil {
			t.Errorf("%s: what only one candidate exports is found by its key", backend)
		}
		d.is(t, want+" bootstrap:collect")
		must(t, a.Stop(t.Context()))
	}
}
