package configfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// interpolate returns v with every ${NAME} and ${secret:name} of its strings
// replaced. It runs after merging: a value that a higher layer replaced needs
// neither.
func (l *loader) interpolate(v *value, key string, secrets *vault) *value {
	c := *v
	switch {
	case v.kind == config.List:
		c.list = make([]*value, len(v.list))
		for i, e := range v.list {
			c.list[i] = l.interpolate(e, fmt.Sprintf("%s[%d]", key, i), secrets)
		}
		return &c
	case v.kind == config.Map:
		c.keys = make(map[string]*value, len(v.keys))
		for _, name := range v.names() {
			c.keys[name] = l.interpolate(v.keys[name], join(key, name), secrets)
		}
		return &c
	}
	text, ok := v.scalar.(string)
	if !ok || !v.layer.authored() || !strings.Contains(text, "${") {
		return v
	}
	e := expander{variable: l.getenv, secret: secrets.get}
	expanded, err := e.expand(text)
	if err != nil {
		k := &config.KeyError{Source: v.source, Line: v.line, Key: key, Problem: err.Error(), Sentinel: config.ErrValue}
		if u, ok := errors.AsType[*unrevealed](err); ok {
			k.Sentinel = u.sentinel()
		}
		l.problem(k)
	}
	c.scalar, c.text, c.secret = expanded, e.replaced > 0, e.secretName
	return &c
}

// An expander replaces what strings refer to.
type expander struct {
	variable   func(name string) (string, bool)
	secret     func(name string) (string, error)
	replaced   int
	secretName string // of a secret among what was replaced, or ""
}

// expand replaces ${NAME}, ${NAME:default} and ${secret:name} in s, and $${ by
// ${, once: what they stand for is not looked at again.
func (e *expander) expand(s string) (string, error) {
	var b strings.Builder
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			b.WriteString(s)
			return b.String(), nil
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
			return "", errors.New("has a ${ without a }; write $${ for a plain one")
		}
		val, err := e.reference(inside)
		if err != nil {
			return "", err
		}
		b.WriteString(val)
		e.replaced++
		s = rest
	}
}

// reference returns what NAME, NAME:default or secret:name stands for. Its
// errors do not show the default, which may be a secret.
func (e *expander) reference(inside string) (string, error) {
	name, fallback, hasFallback := strings.Cut(inside, ":")
	if name == "secret" && hasFallback {
		e.secretName = fallback
		return e.secret(fallback)
	}
	if !isName(name) {
		return "", errors.New("has a ${ without the name of a variable; write $${ for a plain one")
	}
	if val, ok := e.variable(name); ok {
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
