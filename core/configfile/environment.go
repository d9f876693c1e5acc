package configfile

import (
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// environment returns NAME=value entries as a map; the last of a name counts,
// as for os/exec. What is no such entry, as Windows has, is left out.
func environment(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, e := range environ {
		if name, val, ok := strings.Cut(e, "="); ok && name != "" {
			env[name] = val
		}
	}
	return env
}

// variables returns the layer of the environment.
func (l *loader) variables() *value {
	root := newMapping(origin{source: "environment"})
	if l.EnvPrefix == "" {
		return root
	}
	prefix := l.EnvPrefix + "_"
	names := make([]string, 0, len(l.env))
	for name := range l.env {
		if strings.HasPrefix(name, prefix) && name != prefix+"PROFILE" {
			names = append(names, name)
		}
	}
	slices.Sort(names) // so that errors are stable
	for _, name := range names {
		key, problem := keyOf(strings.TrimPrefix(name, prefix))
		if problem == "" {
			leaf := &value{origin: origin{source: "environment variable " + name}, scalar: l.env[name], text: true}
			problem = root.put(key, leaf)
		}
		if problem != "" {
			l.problem(&config.KeyError{
				Source: "environment variable " + name, Key: strings.Join(key, "."), Problem: problem, Sentinel: config.ErrValue,
			})
		}
	}
	return root
}

// keyOf returns the key that a variable's name without the prefix means.
func keyOf(name string) (key []string, problem string) {
	if name == "ENV" {
		return []string{"environment"}, ""
	}
	key = strings.Split(strings.ToLower(name), "__")
	for _, part := range key {
		if part == "" || strings.HasPrefix(part, "_") || strings.HasSuffix(part, "_") {
			return nil, "is not a key: write one _ after the prefix and __ between levels"
		}
		if strings.ContainsRune(part, '.') {
			return nil, "is not a key: write __ between levels, not a dot"
		}
	}
	if len(key) > MaxDepth {
		return nil, "is deeper than any configuration"
	}
	return key, ""
}

// put sets a key of a layer in which nothing may be given twice; it returns what
// contradicts it, or "".
func (v *value) put(key []string, leaf *value) (problem string) {
	for i, name := range key {
		next, last := v.keys[name], i == len(key)-1
		switch {
		case last && next != nil:
			return "contradicts " + next.source + ": unset one of them"
		case last:
			v.keys[name] = leaf
		case next == nil:
			next = newMapping(leaf.origin)
			v.keys[name] = next
		case next.kind != config.Map:
			return "contradicts " + next.source + ", which is no section: unset one of them"
		}
		v = next
	}
	return ""
}
