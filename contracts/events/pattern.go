package events

import "strings"

// CheckPattern returns an error wrapping [ErrInvalid] unless p may stand in
// [Subscription].Types.
func CheckPattern(p string) error {
	if !tokens(p, true) {
		return ErrInvalid.Wrap(nil, "events: pattern %.40q is not dot-separated words, \"*\" or a last \">\"", p)
	}
	return nil
}

// Match reports whether the event type typ satisfies the pattern p: "*" stands
// for one token and a last ">" for one or more. It does not allocate.
func Match(p, typ string) bool {
	for {
		pt, prest, pmore := strings.Cut(p, ".")
		if pt == ">" {
			return true
		}
		tt, trest, tmore := strings.Cut(typ, ".")
		if pt != "*" && pt != tt || pmore != tmore {
			return false
		}
		if !pmore {
			return true
		}
		p, typ = prest, trest
	}
}

// tokens reports whether s is 1 to 255 bytes of dot-separated tokens. Publish
// calls it for every event, so it goes over the bytes once.
func tokens(s string, wild bool) bool {
	if len(s) == 0 || len(s) > 255 {
		return false
	}
	start := 0 // of the token
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != '.' {
			if !word(s[i]) && !(wild && (s[i] == '*' || s[i] == '>')) {
				return false
			}
			continue
		}
		tok := s[start:i]
		if tok == "" || tok == ">" && i < len(s) {
			return false
		}
		if wild && len(tok) > 1 && strings.ContainsAny(tok, "*>") {
			return false
		}
		start = i + 1
	}
	return true
}

// word reports whether a token may hold c.
func word(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}
