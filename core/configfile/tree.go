package configfile

import (
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// A Tree is what Load read: a [config.Config] that also knows where each key
// stands. It never changes and is safe for concurrent use. The zero Tree is not
// usable; Load returns one.
type Tree struct {
	root     *value   // what Lookup and Decode read
	all      *value   // root over the defaults of Options.Sections, for people
	layers   []*value // as they were read, from the lowest
	known    *knowledge
	env      config.Environment
	debug    bool
	prefix   string
	profile  string
	warnings []error
}

var (
	_ config.Config  = (*Tree)(nil)
	_ config.Locator = (*Tree)(nil)
)

// Environment says where the application runs: what <prefix>_ENV, or else
// APP_ENV, or the key "environment" says, in any case, or else
// [config.Development].
func (t *Tree) Environment() config.Environment { return t.env }

// Debug is what the key "debug" says, or false.
func (t *Tree) Debug() bool { return t.debug }

// Profile returns the profile whose files were read, or "".
func (t *Tree) Profile() string { return t.profile }

// Warnings returns what would be an error of Load in production: placeholders
// and secrets that are too short. The application logs them. The slice is the
// caller's.
func (t *Tree) Warnings() []error { return slices.Clone(t.warnings) }

// Lookup returns a copy of what stands under key; see [config.Config]. Text of
// the environment is a string, and so is a secret: see [Tree.Explain] for what may be
// shown. Looking up a scalar does not allocate.
func (t *Tree) Lookup(key string) (any, bool) {
	v, _, _ := t.root.at(key)
	if v == nil {
		return nil, false
	}
	return v.plain(), true
}

// Locate says where the value under key was written; see [config.Locator]. A
// mapping stands where its uppermost layer begins it.
func (t *Tree) Locate(key string) (source string, line int, ok bool) {
	v, _, _ := t.root.at(key)
	if v == nil {
		return "", 0, false
	}
	return v.source, v.line, true
}

// runsIn reads the key "environment".
func runsIn(root *value) (config.Environment, error) {
	v := root.keys[environmentKey]
	if v.isEmpty() {
		return config.Development, nil
	}
	text, ok := v.scalar.(string)
	env, err := config.ParseEnvironment(text)
	if !ok || err != nil {
		return "", v.fault(environmentKey, "is not one of development, staging, production, test")
	}
	return env, nil
}

// debugIn reads the key "debug". A mapping is the section of a module of that name.
func debugIn(root *value) (bool, error) {
	v := root.keys[debugKey]
	if v.isEmpty() || v.kind == config.Map {
		return false, nil
	}
	if on, ok := v.scalar.(bool); ok {
		return on, nil
	}
	text, ok := v.asText()
	on, isBool := parseBool(text)
	if !ok || !isBool {
		return false, v.fault(debugKey, "is not true or false")
	}
	return on, nil
}

func parseBool(text string) (on, ok bool) {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "1", "t", "y":
		return true, true
	case "false", "no", "off", "0", "f", "n":
		return false, true
	}
	return false, false
}

// fault returns an error about v, which stands under key.
func (v *value) fault(key, problem string) error {
	return &config.KeyError{Source: v.source, Line: v.line, Key: key, Problem: problem, Sentinel: config.ErrValue}
}
