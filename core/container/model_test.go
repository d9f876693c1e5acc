package container_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// The services of random graphs. A made says which registration made a value,
// and of which values.
type (
	made struct {
		reg  *regModel
		deps []any // in the order of the needs; nil for an optional one that is absent, a []any for "*"
	}
	t0 struct{ made }
	t1 struct{ made }
	t2 struct{ made }
	t3 struct{ made }
)

var modelTypes = []reflect.Type{reflect.TypeFor[*t0](), reflect.TypeFor[*t1](), reflect.TypeFor[*t2](), reflect.TypeFor[*t3]()}

// newValue returns a value of k's type.
func newValue(k di.Key, m made) any {
	switch k.Type {
	case modelTypes[0]:
		return &t0{m}
	case modelTypes[1]:
		return &t1{m}
	case modelTypes[2]:
		return &t2{m}
	default:
		return &t3{m}
	}
}

// madeOf returns how v was made.
func madeOf(v any) made {
	switch v := v.(type) {
	case *t0:
		return v.made
	case *t1:
		return v.made
	case *t2:
		return v.made
	case *t3:
		return v.made
	}
	panic(fmt.Sprintf("a %T", v))
}

// A model is a graph of registrations, and says in the plainest way what a
// container has to make of it. Module 0 is the application.
type model struct {
	modules []*moduleModel
	regs    []*regModel // in order
}

type moduleModel struct {
	name           string
	exports, needs []di.Key
}

type regModel struct {
	key      di.Key
	module   int
	lifetime di.Lifetime
	needs    []di.Key
	replace  bool
}

func (r *regModel) String() string { return fmt.Sprintf("%v of module %d", r.key, r.module) }

func randomKey(r *rand.Rand) di.Key {
	return di.Key{Type: modelTypes[r.IntN(len(modelTypes))], Name: []string{"", "a", "b", "c"}[r.IntN(4)]}
}

// randomModel makes a graph; care is how seldom it is wrong.
func randomModel(r *rand.Rand) *model {
	care := []int{3, 30, 1000, 1000}[r.IntN(4)]
	m := &model{modules: []*moduleModel{{}}}
	for i := range r.IntN(4) {
		m.modules = append(m.modules, &moduleModel{name: fmt.Sprint("m", i+1)})
	}
	for range r.IntN(14) {
		reg := &regModel{key: randomKey(r), module: r.IntN(len(m.modules)), lifetime: di.Lifetime(r.IntN(3)), replace: r.IntN(8) == 0}
		owner := m.modules[reg.module]
		before := slices.Clip(owner.exports)
		if reg.module > 0 && r.IntN(2) == 0 && !slices.Contains(owner.exports, reg.key) {
			owner.exports = append(before, reg.key)
		}
		if !reg.replace && m.taken(reg) && r.IntN(care) > 0 {
			owner.exports = before
			continue
		}
		for range r.IntN(4) {
			m.addNeed(r, reg, care)
		}
		m.regs = append(m.regs, reg)
		if live, _ := m.counting(); reg.lifetime == di.SingletonLifetime && r.IntN(care) > 0 && m.captures(live, reg, nil) {
			reg.lifetime = di.ScopedLifetime
		}
	}
	return m
}

// taken reports whether reg would be a duplicate.
func (m *model) taken(reg *regModel) bool {
	return slices.ContainsFunc(m.regs, func(o *regModel) bool {
		return o.key == reg.key && (o.module == reg.module || m.exported(o.module, o.key) && m.exported(reg.module, reg.key))
	})
}

func (m *model) addNeed(r *rand.Rand, reg *regModel, care int) {
	k := randomKey(r)
	if r.IntN(care) > 0 { // what is there already, so that there is no cycle
		var there []di.Key
		for _, o := range m.regs {
			if o.module == reg.module || m.exported(o.module, o.key) {
				there = append(there, o.key)
			}
		}
		if len(there) == 0 {
			return
		}
		k = there[r.IntN(len(there))]
	}
	switch r.IntN(6) {
	case 0:
		k = di.Optional(k)
	case 1:
		k.Name = "*"
	}
	owner := m.modules[reg.module]
	if reg.module > 0 && r.IntN(care) > 0 && !slices.Contains(owner.needs, k) {
		owner.needs = append(owner.needs, k)
	}
	reg.needs = append(reg.needs, k)
}

func plainKey(need di.Key) di.Key {
	need.Name = strings.TrimSuffix(need.Name, "?")
	return need
}

func isOptional(need di.Key) bool { return strings.HasSuffix(need.Name, "?") }

func (m *model) exported(module int, k di.Key) bool {
	return module == 0 || slices.Contains(m.modules[module].exports, k)
}

func (m *model) declares(module int, k di.Key) bool {
	return module == 0 || slices.ContainsFunc(m.modules[module].needs, func(n di.Key) bool { return plainKey(n) == k })
}

// counting returns the registrations that count: of those that are visible to
// the same ones, the first, or the last that replaces.
func (m *model) counting() (live []*regModel, duplicates []*regModel) {
	for _, reg := range m.regs {
		place := slices.IndexFunc(live, func(o *regModel) bool {
			return o != nil && o.key == reg.key && (m.exported(o.module, o.key) && m.exported(reg.module, reg.key) ||
				!m.exported(o.module, o.key) && o.module == reg.module)
		})
		switch {
		case place < 0:
			live = append(live, reg)
		case reg.replace:
			live = append(slices.Delete(live, place, place+1), reg)
		default:
			duplicates = append(duplicates, reg)
		}
	}
	return live, duplicates
}

// find returns what module sees under k, or nil.
func (m *model) find(live []*regModel, module int, k di.Key) *regModel {
	var global *regModel
	for _, reg := range live {
		switch {
		case reg.key != k:
		case reg.module == module && !m.exported(module, k):
			return reg
		case m.exported(reg.module, k):
			global = reg
		}
	}
	if global != nil && (global.module == module || m.declares(module, k) || m.exported(module, k)) {
		return global
	}
	return nil
}

// collect returns what module sees of a type, by name.
func (m *model) collect(live []*regModel, module int, typ reflect.Type) []*regModel {
	everyone := m.declares(module, di.Key{Type: typ, Name: "*"})
	var all []*regModel
	for _, reg := range live {
		if reg.key.Type != typ || reg.module != module && !(everyone && m.exported(reg.module, reg.key)) {
			continue
		}
		own := m.find(live, module, reg.key)
		if own != nil && own != reg && own.module == module && !m.exported(module, own.key) {
			continue // shadowed by its own
		}
		all = append(all, reg)
	}
	slices.SortStableFunc(all, func(a, b *regModel) int { return strings.Compare(a.key.Name, b.key.Name) })
	return all
}

// edges returns what reg's needs stand for.
func (m *model) edges(live []*regModel, reg *regModel) []*regModel {
	var to []*regModel
	for _, need := range reg.needs {
		if k := plainKey(need); k.Name == "*" {
			to = append(to, m.collect(live, reg.module, k.Type)...)
		} else if found := m.find(live, reg.module, k); found != nil {
			to = append(to, found)
		}
	}
	return to
}

// why says why module does not see k.
func (m *model) why(live []*regModel, module int, k di.Key) error {
	hidden := false
	for _, reg := range live {
		if reg.key == k && m.exported(reg.module, k) {
			return di.ErrUndeclared
		}
		hidden = hidden || reg.key == k && reg.module != module
	}
	if hidden {
		return di.ErrHidden
	}
	return di.ErrMissing
}
