package configfile

import "github.com/lexigram/lexigram-go/contracts/config"

// A Tree is what Load read: a [config.Config] that also knows where each key
// stands. It never changes and is safe for concurrent use. The zero Tree is not
// usable; Load returns one.
type Tree struct {
	root    *value
	env     config.Environment
	profile string
}

var (
	_ config.Config  = (*Tree)(nil)
	_ config.Locator = (*Tree)(nil)
)

// Environment says where the application runs: what <prefix>_ENV or the key
// "environment" says, in any case, or else [config.Development].
func (t *Tree) Environment() config.Environment { return t.env }

// Profile returns the profile whose files were read, or "".
func (t *Tree) Profile() string { return t.profile }

// Lookup returns a copy of what stands under key; see [config.Config]. Text of
// the environment is a string.
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
