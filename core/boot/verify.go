package boot

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

// Verify returns every problem that Start would find before anything boots: of
// the configuration, then of the graph. It decodes the configuration and
// registers every module, and builds and boots nothing; the application can be
// started afterwards. A test calls it through package containertest.
func (a *App) Verify() error {
	box, err := a.inspect()
	if box == nil {
		return err
	}
	if failed := box.Close(context.Background()); failed != nil { // nothing was built
		err = errors.Join(err, failed)
	}
	return err
}

// An overriding is what a test registers instead of a module.
type overriding struct {
	module string
	reg    di.Registration
}

// Override returns a registrar for a test: what it registers takes the place of
// what the module of this name registers under the same key, whether that is
// exported or not; see [container.Container.Override]. The name of a chosen
// candidate is that of its section, such as "cache.redis". An override that
// replaces nothing fails the start; after Start was called, it is [ErrState].
func (a *App) Override(module string) di.Registrar { return override{a, module} }

type override struct {
	app    *App
	module string
}

func (o override) Register(reg di.Registration) error {
	if err := container.New().Override(o.module).Register(reg); err != nil {
		return err // at the line that is wrong, and not at the start
	}
	o.app.mu.Lock()
	defer o.app.mu.Unlock()
	if o.app.state != Created {
		return ErrState.Wrap(nil, "boot: override %v of an application that is %v", reg.Key, o.app.state)
	}
	o.app.overrides = append(o.app.overrides, overriding{o.module, reg})
	return nil
}

// override gives the overrides to the container.
func (a *App) override() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []error
	for _, o := range a.overrides {
		all = append(all, a.box.Override(o.module).Register(o.reg))
	}
	return errors.Join(all...)
}
