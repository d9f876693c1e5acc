package configfile

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// Dump writes the merged tree for people, a line for each value: its key, the
// value, and where it stands:
//
//	cache.backend = "redis"  # application.json:3
//	cache.size    = 1024     # default
//	db.password   = ***      # environment variable LEX_DB__PASSWORD
//
// Defaults of sections are shown if Options.Sections names them. Secrets are ***
// at every depth, in lists too: what came from a ${secret:name}, what is decoded
// into a [config.Secret] of Options.Sections, and what stands under a key that
// smells of a secret, or ends in "key". Passwords inside URLs are *** as well. A
// secret under an innocent key of an unknown section is shown: do not send such
// dumps to strangers. It returns the error of w.
func (t *Tree) Dump(w io.Writer) error {
	var lines [][3]string
	keys, values := 0, 0
	for _, l := range t.leaves(t.all) {
		line := [3]string{printable(l.key), l.v.shown(l.secret), l.v.place()}
		keys, values = max(keys, min(len(line[0]), 40)), max(values, min(len(line[1]), 40))
		lines = append(lines, line)
	}
	b := bufio.NewWriter(w)
	for _, l := range lines {
		fmt.Fprintf(b, "%-*s = %-*s  # %s\n", keys, l[0], values, l[1], l[2]) // b keeps its error for Flush
	}
	return b.Flush()
}

// MarshalJSON returns what Dump shows as nested JSON, without the places:
// {"cache":{"backend":"redis"},"db":{"password":"***"}}.
func (t *Tree) MarshalJSON() ([]byte, error) {
	return json.Marshal(t.all.redacted(t.known.shape, false))
}

// redacted is plain without secrets.
func (v *value) redacted(s *shape, secret bool) any {
	secret = secret || s.hides(v) || v.secret != ""
	switch v.kind {
	case config.List:
		list := make([]any, len(v.list))
		for i, e := range v.list {
			list[i] = e.redacted(s.child(strconv.Itoa(i)), secret)
		}
		return list
	case config.Map:
		m := make(map[string]any, len(v.keys))
		for name, e := range v.keys {
			m[name] = e.redacted(s.child(name), secret || smells(name))
		}
		return m
	}
	text, isText := v.scalar.(string)
	switch {
	case v.scalar == nil:
		return nil
	case secret:
		return "***"
	case isText:
		return config.RedactText(text)
	}
	return v.scalar
}

// A leaf is a value that is no mapping or list, or an empty one.
type leaf struct {
	path   []string
	key    string // as errors show it
	v      *value
	secret bool // it must not be shown
}

// leaves returns what is in root, in the order of keys.
func (t *Tree) leaves(root *value) []leaf {
	var all []leaf
	var walk func(v *value, s *shape, path []string, key string, secret bool)
	walk = func(v *value, s *shape, path []string, key string, secret bool) {
		secret = secret || s.hides(v) || v.secret != ""
		at := path[:len(path):len(path)]
		switch {
		case v.kind == config.Map && len(v.keys) > 0:
			for _, name := range v.names() {
				walk(v.keys[name], s.child(name), append(at, name), join(key, name), secret || smells(name))
			}
		case v.kind == config.List && len(v.list) > 0:
			for i, e := range v.list {
				n := strconv.Itoa(i)
				walk(e, s.child(n), append(at, n), key+"["+n+"]", secret)
			}
		case key != "":
			all = append(all, leaf{path, key, v, secret})
		}
	}
	walk(root, t.known.shape, nil, "", false)
	return all
}

// smells reports whether what stands under name is not to be shown.
func smells(name string) bool {
	return config.IsSecretKey(name) || strings.HasSuffix(strings.ToLower(name), "key")
}

// printable quotes a key that would not stay on its line: maps have any keys.
func printable(key string) string {
	if quoted := strconv.Quote(key); quoted != `"`+key+`"` {
		return quoted
	}
	return key
}

// shown returns v on one line.
func (v *value) shown(secret bool) string {
	switch {
	case v.kind == config.Map && len(v.keys) > 0:
		return "{…}"
	case v.kind == config.Map:
		return "{}"
	case v.kind == config.List && len(v.list) > 0:
		return "[…]"
	case v.kind == config.List:
		return "[]"
	case v.scalar == nil:
		return "null"
	case secret || v.secret != "":
		return "***"
	}
	if s, ok := v.scalar.(string); ok {
		return strconv.Quote(config.RedactText(s))
	}
	return fmt.Sprint(v.scalar)
}

// unquoted is shown for a table: text without quotes, lists with commas between.
func (v *value) unquoted(secret bool) string {
	if s, ok := v.scalar.(string); ok && !secret {
		return config.RedactText(s)
	}
	if v.kind != config.List {
		if secret && v.isEmpty() {
			return ""
		}
		return v.shown(secret)
	}
	parts := make([]string, len(v.list))
	for i, e := range v.list {
		parts[i] = e.unquoted(secret)
	}
	return strings.Join(parts, ",")
}

// place says where a value stands.
func (o origin) place() string {
	switch {
	case o.line > 0 && o.name != "":
		return o.source + ":" + strconv.Itoa(o.line) + " (" + o.name + ")"
	case o.line > 0:
		return o.source + ":" + strconv.Itoa(o.line)
	case o.source == "":
		return o.layer.String()
	}
	return o.source
}
