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

// tokens reports whether s is 1 to 255 bytes of dot-separated tokens.
func tokens(s string, wild bool) bool {
	if len(s) == 0 || len(s) > 255 {
		return false
	}
	for {
		tok, rest, more := strings.Cut(s, ".")
		switch {
		case wild && tok == ">":
			return !more
		case wild && tok == "*":
		case tok == "" || strings.Trim(tok, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "":
			return false
		}
		if !more {
			return true
		}
		s = rest
	}
}
