package container

import (
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/di"
)

var _ di.Registrar = (*Override)(nil)

// An Override replaces registrations of a module from outside, in a test. It is
// safe for concurrent use.
type Override struct {
	c      *Container
	module string
}

// An overriding is what an Override was given.
type overriding struct {
	module string
	reg    di.Registration
}

// Override returns a registrar whose registrations take the place of those that
// the module of this name makes under the same key, before or later, the
// private ones included; "" is the application itself:
//
//	err := di.Value[Mailer](c.Override("mail"), fake)
//
// It is as if the module had made them: they see what the module sees, and what
// they replace is neither built nor closed. An override that replaces nothing is
// a problem that Freeze reports ([di.ErrMissing]).
func (c *Container) Override(module string) *Override { return &Override{c: c, module: module} }

// Register replaces the module's registration of reg.Key.
func (o *Override) Register(reg di.Registration) error {
	if err := checkRegistration(reg); err != nil {
		return err
	}
	o.c.mu.Lock()
	defer o.c.mu.Unlock()
	if err := o.c.open(reg.Key); err != nil {
		return err
	}
	o.c.overrides = append(o.c.overrides, overriding{o.module, reg})
	return nil
}

// override puts overrides in the place of what they replace, which swapped tells.
func (l *linker) override(c *Container, swapped map[*entry]*entry) {
	for _, o := range c.overrides {
		m := l.named(c, o.module)
		if m == nil {
			l.report(&Problem{
				Sentinel: di.ErrMissing, Key: o.reg.Key, Module: o.module,
				text: "override of " + o.reg.Key.String() + ": there is no such module (there are " + l.names() + ")",
			})
			continue
		}
		visible := m.private
		if m.exportsKey(o.reg.Key) {
			visible = l.global
		}
		old := visible[o.reg.Key]
		if p := l.cannotOverride(m, o.reg, old); p != nil {
			l.report(p)
			continue
		}
		at := old
		if old.origin != nil {
			at = old.origin
		}
		e := newEntry(m, old.provider, o.reg)
		e.origin = at
		visible[o.reg.Key], swapped[at] = e, e
	}
}

func (l *linker) cannotOverride(m *Module, reg di.Registration, old *entry) *Problem {
	p := &Problem{Sentinel: di.ErrMissing, Key: reg.Key, Module: m.name, text: "override of " + reg.Key.String() + ": "}
	switch {
	case old == nil:
		p.text += "the module does not register it"
		p.Suggest = l.suggest(reg.Key, func(e *entry) bool { return e.module == m })
	case old.module != m:
		p.text += registrant(old) + " replaced it: override it there"
	case old.origin != nil && !reg.Replace:
		p.Sentinel = di.ErrDuplicate
		p.text += "there is one already; set Replace to replace it"
	default:
		return nil
	}
	return p
}

// named returns the module of that name, or nil.
func (l *linker) named(c *Container, name string) *Module {
	if name == "" {
		return c.root
	}
	for _, m := range l.modules {
		if m.name == name {
			return m
		}
	}
	return nil
}

func (l *linker) names() string {
	if len(l.modules) == 0 {
		return "none"
	}
	var names []string
	for _, m := range l.modules {
		names = append(names, strconv.Quote(m.name))
	}
	return strings.Join(names, ", ")
}
