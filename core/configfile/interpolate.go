package configfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// interpolate returns v with every ${NAME} of its strings replaced. It runs
// after merging: a value that a higher layer replaced needs no variable.
func (l *loader) interpolate(v *value, key string) *value {
	switch {
	case v.kind == config.List:
		c := *v
		c.list = make([]*value, len(v.list))
		for i, e := range v.list {
			c.list[i] = l.interpolate(e, fmt.Sprintf("%s[%d]", key, i))
		}
		return &c
	case v.kind == config.Map:
		c := newMapping(v.origin)
		for _, name := range v.names() {
			c.keys[name] = l.interpolate(v.keys[name], join(key, name))
		}
		return c
	}
	text, ok := v.scalar.(string)
	if !ok || !v.file || !strings.Contains(text, "${") {
		return v
	}
	expanded, variables, err := expand(text, func(name string) (string, bool) { s, ok := l.env[name]; return s, ok })
	if err != nil {
		l.problem(&config.KeyError{Source: v.source, Line: v.line, Key: key, Problem: err.Error(), Sentinel: config.ErrValue})
	}
	c := *v
	c.scalar, c.text = expanded, variables > 0
	return &c
}

// expand replaces ${NAME} and ${NAME:default} in s, and $${ by ${, once: what a
// variable holds is not looked at again.
func expand(s string, lookup func(string) (string, bool)) (expanded string, variables int, err error) {
	var b strings.Builder
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			b.WriteString(s)
			return b.String(), variables, nil
		}
		if i > 0 && s[i-1] == '$' {
			b.WriteString(s[:i-1])
			b.WriteString("${")
			s = s[i+2:]
			continue
		}
		b.WriteString(s[:i])
		inside, rest, ok := strings.Cut(s[i+2:], "}")
		if !ok {
			return "", variables, errors.New("has a ${ without a }; write $${ for a plain one")
		}
		val, err := variable(inside, lookup)
		if err != nil {
			return "", variables, err
		}
		b.WriteString(val)
		variables++
		s = rest
	}
}

// variable returns what NAME or NAME:default stands for. Its errors do not show
// the default, which may be a secret.
func variable(inside string, lookup func(string) (string, bool)) (string, error) {
	name, fallback, hasFallback := strings.Cut(inside, ":")
	if !isName(name) {
		return "", errors.New("has a ${ without the name of a variable; write $${ for a plain one")
	}
	if val, ok := lookup(name); ok {
		return val, nil
	}
	if !hasFallback {
		return "", fmt.Errorf("needs the environment variable %s, which is not set; set it or write ${%s:default}", name, name)
	}
	return fallback, nil
}

func isName(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
