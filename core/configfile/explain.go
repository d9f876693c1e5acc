package configfile

import (
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// An Explanation says where the value of one key comes from.
type Explanation struct {
	Key    string      `json:"key"`
	Secret bool        `json:"secret,omitempty"` // values show as ***
	Said   []Statement `json:"said"`             // by whom: the winner first, never empty
}

// A Statement is what one layer says about a key.
type Statement struct {
	Layer Layer  `json:"layer"`
	Value string `json:"value"` // as JSON would show it; a secret as ***
	// Written is what stands there if it is not the value: "${DATA}/app.db".
	Written string `json:"written,omitempty"`
	Place   string `json:"place"` // "application.yaml:3", "environment variable LEX_A__B", "flag a.b", "default"
}

// Explain returns where each value under key comes from, and what the layers
// that lost say, in the order of keys; nothing if no layer says anything. key
// is a value, an element of a list such as "backends[0].url", a section, or "" for
// everything. Secrets are hidden as [Tree.Dump] hides them.
func (t *Tree) Explain(key string) []Explanation {
	var all []Explanation
	for _, l := range t.leaves(t.all) {
		if !under(l.key, key) {
			continue
		}
		e := Explanation{Key: l.key, Secret: l.secret}
		for i := len(t.layers) - 1; i >= 0; i-- {
			if v := t.layers[i].said(l.path); v != nil {
				e.Said = append(e.Said, v.statement(v.unexpanded(l.secret)))
			}
		}
		if v := t.known.defaults.said(l.path); v != nil {
			e.Said = append(e.Said, v.statement(v.shown(l.secret)))
		}
		if len(e.Said) > 0 {
			written := e.Said[0].Value
			e.Said[0] = l.v.statement(l.v.shown(l.secret))
			if written != e.Said[0].Value || l.v.secret != "" {
				e.Said[0].Written = written
			}
		}
		all = append(all, e)
	}
	return all
}

// under reports whether a leaf's key is key or stands below it.
func under(leaf, key string) bool {
	rest, ok := strings.CutPrefix(leaf, key)
	return ok && (rest == "" || key == "" || rest[0] == '.' || rest[0] == '[')
}

// said returns what a layer says about path: what stands there, or the scalar
// on the way to it, which leaves no room for it.
func (v *value) said(path []string) *value {
	for i, name := range path {
		if v.kind == config.Scalar {
			return v
		}
		next := v.step(name)
		if next == nil && v.kind == config.List && i > 0 {
			return nil
		}
		if v = next; v == nil {
			return nil
		}
	}
	return v
}

func (v *value) statement(shown string) Statement {
	return Statement{Layer: v.layer, Value: shown, Place: v.place()}
}

// unexpanded shows what a layer says, before anything was replaced in it.
func (v *value) unexpanded(secret bool) string {
	if text, ok := v.scalar.(string); ok && secret && v.layer.authored() {
		return onlyReferences(text)
	}
	return v.shown(secret)
}

// onlyReferences returns a secret value of a file as it may be shown: what it
// refers to, without defaults.
func onlyReferences(text string) string {
	e := expander{
		variable: func(string) (string, bool) { return "", true },
		secret:   func(string) (string, error) { return "", nil },
	}
	rest, err := e.expand(text)
	if err != nil || rest != "" || e.replaced != 1 {
		return "***"
	}
	name, _, _ := strings.Cut(text[2:len(text)-1], ":")
	if e.secretName != "" {
		return "${secret:" + e.secretName + "}"
	}
	return "${" + name + "}"
}

// String returns a line for the key and one for each layer.
func (e Explanation) String() string {
	var b strings.Builder
	b.WriteString(printable(e.Key))
	for i, s := range e.Said {
		mark := " "
		if i == 0 {
			mark = "*"
		}
		fmt.Fprintf(&b, "\n  %s %-11s %s  # %s", mark, s.Layer, s.Value, s.Place)
		if s.Written != "" {
			b.WriteString(", written " + s.Written)
		}
	}
	return b.String()
}
