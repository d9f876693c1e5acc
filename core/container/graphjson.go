package container

import (
	"encoding/json"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// GraphSchema names the form that [Graph.MarshalJSON] writes. Fields may be
// added to it; another one is a change of what is there.
const GraphSchema = "lexigram-graph/1"

// A jsonNode is a [Node] as JSON.
type jsonNode struct {
	ID        int    `json:"id"`
	Kind      string `json:"kind"`
	Label     string `json:"label"`
	Type      string `json:"type"`
	Package   string `json:"package"`
	Name      string `json:"name"`
	Lifetime  string `json:"lifetime"`
	Module    string `json:"module"`
	Provider  string `json:"provider"`
	Exported  bool   `json:"exported"`
	Inherited bool   `json:"inherited"`
	Needs     []int  `json:"needs"`
	Optional  []int  `json:"optional"`
	Collects  []int  `json:"collects"`
}

// MarshalJSON returns an object with the fields "schema" ([GraphSchema]) and
// "nodes", a list of objects in the order of Nodes. Each has every one of these:
//
//	id         its place in the list, from 0
//	kind       "service"; "boot" for what a provider resolves outside of a Build; "unit" for a Unit
//	label      for people
//	type       such as "*sql.DB", and its package such as "database/sql"; "" if it is no service
//	name       of the key, "" if it has none
//	lifetime   "singleton", "scoped" or "transient"; "" if it is no service
//	module     "" for the application itself
//	provider   "" if unknown; the name of a unit of the application
//	exported   whether other modules may resolve it
//	inherited  whether it is a parent's
//	needs      ids, in the order of the declared needs
//	optional   those of needs that might be absent
//	collects   ids of what needs named "*" stand for
func (g Graph) MarshalJSON() ([]byte, error) {
	nodes := make([]jsonNode, len(g.Nodes))
	for i, n := range g.Nodes {
		nodes[i] = jsonNode{
			ID: i, Kind: n.kind(), Label: n.label(), Name: n.Key.Name, Module: n.Module, Provider: n.Provider,
			Exported: n.Exported, Inherited: n.Inherited,
			Needs: list(n.Needs), Optional: list(n.Optional), Collects: list(n.Collects),
		}
		if n.Key.Type != nil {
			nodes[i].Type, nodes[i].Package, nodes[i].Lifetime = n.Key.Type.String(), packageOf(n.Key), lifetimes[n.Lifetime]
		}
	}
	return json.Marshal(struct {
		Schema string     `json:"schema"`
		Nodes  []jsonNode `json:"nodes"`
	}{GraphSchema, nodes})
}

// packageOf returns the import path of the key's type, or of what it points to.
func packageOf(k di.Key) string {
	t := k.Type
	for t.Name() == "" {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan, reflect.Map:
			t = t.Elem()
		default:
			return ""
		}
	}
	return t.PkgPath()
}

// list returns is, as an empty list and not as null if there are none.
func list(is []int) []int {
	if is == nil {
		return []int{}
	}
	return is
}
