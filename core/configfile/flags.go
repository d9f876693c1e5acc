package configfile

import (
	"maps"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// flags returns the layer of Options.Flags.
func (l *loader) flags() *value {
	root := newMapping(origin{source: "flag", layer: FlagLayer})
	last := map[string]string{}
	for _, f := range l.Flags {
		key, text, ok := strings.Cut(f, "=")
		if !ok {
			l.problem(&config.KeyError{Source: "flag", Key: key, Problem: "has no value: write key=value", Sentinel: config.ErrValue})
			continue
		}
		last[key] = text
	}
	for _, key := range slices.Sorted(maps.Keys(last)) {
		path := strings.Split(key, ".")
		problem := keyProblem(path)
		if problem == "" {
			leaf := &value{origin: origin{source: "flag " + key, layer: FlagLayer}, scalar: last[key], text: true}
			problem = root.put(path, leaf)
		}
		if problem != "" {
			l.problem(&config.KeyError{Source: "flag", Key: key, Problem: problem, Sentinel: config.ErrValue})
		}
	}
	return root
}

// keyProblem says what is wrong with a dotted key that a program or a person wrote.
func keyProblem(path []string) string {
	switch {
	case slices.Contains(path, ""):
		return "is not a key of names with dots between them"
	case len(path) > MaxDepth:
		return "is deeper than any configuration"
	}
	return ""
}
