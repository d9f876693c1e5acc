package configfile

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// The policy of secrets: in production and staging a placeholder, and a secret
// that is too short for what its name says it is for, are errors; elsewhere they
// are warnings. So is "debug".

// Immutable. The lengths are bytes of the last name of a key.
var (
	minimumLengths = map[string]int{
		"jwt_secret": 32, "jwt_signing_key": 32, "signing_key": 32, "secret_key": 32, "access_token_secret": 32, "encryption_key": 32,
		"session_secret": 32, "admin_secret": 32, "oauth_client_secret": 16, "client_secret": 16, "api_secret": 16,
	}
	placeholders = map[string]bool{"dev-secret": true, "change-me": true, "changeme": true, "xxx": true, "placeholder": true}
)

// strict reports whether the policy is enforced.
func (t *Tree) strict() bool {
	return t.env == config.Production || t.env == config.Staging
}

// weakness says why text must not be the secret called name, or "". Empty text is
// no secret, except where a length is wanted.
func weakness(name, text string) string {
	least := minimumLengths[strings.ToLower(name)]
	switch {
	case placeholders[strings.ToLower(strings.TrimSpace(text))]:
		return "is a placeholder: set a secret of your own"
	case len(text) < least:
		return fmt.Sprintf("is too short a secret: set at least %d random bytes", least)
	}
	return ""
}

// weaknesses returns what may not run in production.
func (t *Tree) weaknesses() (all []error) {
	if t.debug && t.strict() { // elsewhere there is nothing to warn of
		all = append(all, t.root.keys[debugKey].fault(debugKey, fmt.Sprintf("is on in %s: turn it off", t.env)))
	}
	for _, l := range t.leaves(t.all) {
		text, ok := l.v.scalar.(string)
		name := lastName(l.path)
		if !ok || !l.secret && minimumLengths[strings.ToLower(name)] == 0 {
			continue
		}
		if l.v.layer == DefaultLayer && l.v.source == "" && text == "" {
			continue // the default of a section, which leaves the secret out
		}
		if problem := weakness(name, text); problem != "" {
			all = append(all, l.v.fault(l.key, problem))
		}
	}
	return all
}

// lastName returns the last name of a path that is no number of an element.
func lastName(path []string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if _, number := index(path[i]); !number {
			return path[i]
		}
	}
	return ""
}

// strength checks what a config.Secret holds after decoding, its default too.
func (d *decoder) strength(inside reflect.Value, n *value, key string) {
	if !d.strict || d.wrong[key] {
		return
	}
	var text string
	switch {
	case inside.Kind() == reflect.String:
		text = inside.String()
	case inside.Kind() == reflect.Slice && inside.Type().Elem().Kind() == reflect.Uint8:
		text = string(inside.Bytes())
	default:
		return
	}
	if n == nil && text == "" {
		return // nobody wants it
	}
	if problem := weakness(lastName(pathOf(key)), text); problem != "" {
		d.problem(n, key, config.ErrValue, problem)
	}
}
