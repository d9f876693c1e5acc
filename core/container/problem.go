package container

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A Problem is one thing that is wrong with a graph. It matches its Sentinel
// with errors.Is.
type Problem struct {
	Sentinel error    // [di.ErrMissing], [di.ErrCycle], [di.ErrHidden] …
	Key      di.Key   // that is wrong
	Module   string   // whose problem it is; "" is the application's own
	Provider string   // of that module, or unit of the application; "" if it is of none in particular
	Path     []di.Key // from the one who needs to what is needed
	Suggest  []di.Key // what was probably meant, best first

	text string
}

// Error returns one line, such as
// `di: module "app": *app.Orders -> cache.Store: not registered (did you mean cache.Store "hot"?)`.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString("di: ")
	switch {
	case p.Module == "" && p.Provider != "":
		b.WriteString("unit " + strconv.Quote(p.Provider) + ": ")
	case p.Provider != "":
		b.WriteString("module " + strconv.Quote(p.Module) + ", provider " + strconv.Quote(p.Provider) + ": ")
	case p.Module != "":
		b.WriteString("module " + strconv.Quote(p.Module) + ": ")
	}
	b.WriteString(p.text)
	for i, k := range p.Suggest {
		switch i {
		case 0:
			b.WriteString(" (did you mean ")
		default:
			b.WriteString(" or ")
		}
		b.WriteString(k.String())
	}
	if len(p.Suggest) > 0 {
		b.WriteString("?)")
	}
	return b.String()
}

// Unwrap returns the Sentinel.
func (p *Problem) Unwrap() error { return p.Sentinel }

func duplicate(e, old *entry) *Problem {
	p := &Problem{Sentinel: di.ErrDuplicate, Key: e.reg.Key, Module: e.module.name, Provider: e.provider}
	p.text = "registers " + e.reg.Key.String() + " again: " + registrant(old) + " did so before; set Replace to replace it"
	if old.module != e.module && !old.module.isRoot() {
		p.text = "exports " + e.reg.Key.String() + ", and so does " + registrant(old) + ": name one of them, or set Replace to replace it"
	}
	return p
}

// registrant names the one who registered e.
func registrant(e *entry) string {
	who := "the application"
	switch {
	case !e.module.isRoot():
		who = "module " + strconv.Quote(e.module.name)
	case e.module.c.parent != nil:
		who = "the child"
	}
	if e.provider != "" {
		who += ", provider " + strconv.Quote(e.provider)
	}
	return who
}

// missing says why m does not see k: it is another module's own, it is not
// declared, or it does not exist.
func (g *graph) missing(m *Module, provider string, e *entry, k di.Key) *Problem {
	p := &Problem{Key: k, Module: m.name, Provider: provider, Path: []di.Key{k}}
	if e != nil {
		p.Path = []di.Key{e.reg.Key, k}
	}
	need := arrows(p.Path)
	if e == nil {
		need = "needs " + need
	}
	owners := g.hiders(m, k)
	switch exported := g.global[k]; {
	case exported != nil:
		p.Sentinel = di.ErrUndeclared
		p.text = need + ": " + registrant(exported) + " offers it; name it in the Needs of module " + strconv.Quote(m.name)
	case k.Name == "*":
		p.Sentinel = di.ErrUndeclared
		p.text = need + ": name it in the Needs of module " + strconv.Quote(m.name)
	case owners != nil:
		p.Sentinel = di.ErrHidden
		p.text = need + ": private to " + moduleNames(owners) + "; add it to the Exports there"
	default:
		p.Sentinel = di.ErrMissing
		p.text = need + ": not registered"
		p.Suggest = g.suggest(k, func(e *entry) bool { return e.module == m || e.module.exportsKey(e.reg.Key) })
	}
	return p
}

// hidden is the error of resolving what is private to other modules.
func (g *graph) hidden(m *Module, k di.Key, owners []*Module) error {
	by := "the application"
	if !m.isRoot() {
		by = "module " + strconv.Quote(m.name)
	}
	return &Problem{
		Sentinel: di.ErrHidden, Key: k, Path: []di.Key{k},
		text: "resolve " + k.String() + " by " + by + ": private to " + moduleNames(owners) + "; add it to the Exports there",
	}
}

// unknown is the error of resolving what m does not see.
func (g *graph) unknown(m *Module, k di.Key) error {
	if k.Type == nil {
		return di.ErrMissing.Wrap(nil, "di: resolve a key without a type")
	}
	if owners := g.hiders(m, k); owners != nil {
		return g.hidden(m, k, owners)
	}
	return &Problem{
		Sentinel: di.ErrMissing, Key: k, Path: []di.Key{k}, text: "resolve " + k.String() + ": not registered",
		Suggest: g.suggest(k, func(e *entry) bool { return e.module == m || e.module.exportsKey(e.reg.Key) }),
	}
}

// hiders returns the modules other than m that have k for themselves.
func (g *graph) hiders(m *Module, k di.Key) []*Module {
	var ms []*Module
	for at := range g.all {
		for _, e := range at.entries {
			if e.reg.Key == k && e.module != m && !e.module.exportsKey(k) && !slices.Contains(ms, e.module) {
				ms = append(ms, e.module)
			}
		}
	}
	return ms
}

func moduleNames(ms []*Module) string {
	names := make([]string, len(ms))
	for i, m := range ms {
		names[i] = "module " + strconv.Quote(m.name)
	}
	return strings.Join(names, " and ")
}

func arrows(path []di.Key) string {
	keys := make([]string, len(path))
	for i, k := range path {
		keys[i] = k.String()
	}
	return strings.Join(keys, " -> ")
}

// keyText is the key, also of one without a type.
func keyText(k di.Key) string {
	if k.Type == nil {
		return "a key without a type"
	}
	return k.String()
}
