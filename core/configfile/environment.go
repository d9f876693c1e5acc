package configfile

import (
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// A setting is a variable and where it is set.
type setting struct {
	text string
	at   origin
}

// environment returns NAME=value entries by name; the last of a name counts, as
// for os/exec. What is no such entry, as Windows has, is left out.
func environment(environ []string) map[string]setting {
	env := make(map[string]setting, len(environ))
	for _, e := range environ {
		if name, val, ok := strings.Cut(e, "="); ok && name != "" {
			env[name] = setting{val, origin{source: "environment variable " + name, layer: EnvironmentLayer}}
		}
	}
	return env
}

// getenv returns a variable of the environment, or else of the .env files.
func (l *loader) getenv(name string) (string, bool) {
	if s, ok := l.env[name]; ok {
		return s.text, true
	}
	s, ok := l.dotenv[name]
	return s.text, ok
}

// variables returns the layer of the variables in env.
func (l *loader) variables(env map[string]setting, at origin) *value {
	root := newMapping(at)
	if l.EnvPrefix == "" {
		return root
	}
	prefix := l.EnvPrefix + "_"
	names := make([]string, 0, len(env))
	for name := range env {
		if strings.HasPrefix(name, prefix) && name != prefix+"PROFILE" && !isFlag(strings.TrimPrefix(name, prefix)) {
			names = append(names, name)
		}
	}
	if _, ok := l.getenv(prefix + "ENV"); !ok {
		if _, ok := env[appEnv]; ok {
			names = append(names, appEnv)
		}
	}
	slices.Sort(names) // so that errors are stable
	for _, name := range names {
		s := env[name]
		key, problem := keyOf(strings.TrimPrefix(name, prefix))
		if name == appEnv {
			key, problem = []string{environmentKey}, ""
		}
		if problem == "" {
			problem = root.put(key, &value{origin: s.at, scalar: s.text, text: true})
		}
		if problem != "" && s.at.name != "" {
			problem = s.at.name + " " + problem
		}
		if problem != "" {
			l.problem(&config.KeyError{Source: s.at.source, Line: s.at.line, Key: strings.Join(key, "."), Problem: problem, Sentinel: config.ErrValue})
		}
	}
	return root
}

// The loader's own keys at the root, and the name that other frameworks have
// for <prefix>_ENV.
const (
	environmentKey = "environment"
	debugKey       = "debug"
	appEnv         = "APP_ENV"
)

// isFlag reports whether a variable defines a feature flag, as FLAG_X does, and not the
// key x of a section, as FLAG__X does.
func isFlag(name string) bool {
	key, ok := strings.CutPrefix(name, "FLAG_")
	return ok && !strings.HasPrefix(key, "_")
}

// keyOf returns the key that a variable's name without the prefix means.
func keyOf(name string) (key []string, problem string) {
	if name == "ENV" {
		return []string{environmentKey}, ""
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
	v.together = true
	for i, name := range key {
		next, last := v.keys[name], i == len(key)-1
		switch {
		case last && next != nil:
			return "contradicts " + next.place() + ": unset one of them"
		case last:
			v.keys[name] = leaf
		case next == nil:
			next = newMapping(leaf.origin)
			next.together = true
			v.keys[name] = next
		case next.kind != config.Map:
			return "contradicts " + next.place() + ", which is no section: unset one of them"
		}
		v = next
	}
	return ""
}
