package config

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsSecretKey reports whether a key, such as "db.password", "apiKey" or
// "X-Auth-Token", names something that must not be shown, by the words it is made of.
// Every level of a dotted key counts. Counts of tokens ("max_tokens") do not.
func IsSecretKey(key string) bool {
	if isInnocent(key) {
		return false
	}
	words := keyWords(key)
	for i, w := range words {
		for _, part := range secretParts {
			if strings.Contains(w, part) {
				return true
			}
		}
		switch w {
		case "auth", "authorization", "token", "cookie", "pwd", "dsn":
			return true
		case "key", "keys", "tokens":
			if i > 0 && keyOwners[words[i-1]] {
				return true
			}
		}
		if strings.HasSuffix(w, "token") {
			return true
		}
	}
	return false
}

// Immutable; parts are looked for inside words, because people write "dbpassword".
var (
	secretParts = [...]string{"password", "passwd", "passphrase", "secret", "credential", "apikey", "privatekey", "accesskey", "signingkey", "encryptionkey"}
	keyOwners   = map[string]bool{
		"api": true, "private": true, "access": true, "signing": true, "encryption": true, "refresh": true, "bearer": true,
		"session": true, "master": true, "hmac": true,
	}
)

// isInnocent reports whether nothing in key is a part of what IsSecretKey looks
// for. Loggers ask for every attribute: it does not allocate.
func isInnocent(key string) bool {
	for i := range len(key) {
		rest := key[i:]
		switch c := key[i] | 0x20; {
		case key[i] >= utf8.RuneSelf: // can be the capital of a letter below
			return false
		case c == 'a' && hasFold(rest, "auth"), c == 'c' && (hasFold(rest, "credential") || hasFold(rest, "cookie")),
			c == 'd' && hasFold(rest, "dsn"), c == 'k' && hasFold(rest, "key"),
			c == 'p' && (hasFold(rest, "pass") || hasFold(rest, "pwd")),
			c == 's' && hasFold(rest, "secret"), c == 't' && hasFold(rest, "token"):
			return false
		}
	}
	return true
}

func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// keyWords splits a key at dots, dashes, underscores, spaces and capitals.
func keyWords(key string) []string {
	var b strings.Builder
	lower := false
	for _, r := range key {
		if unicode.IsUpper(r) && lower {
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r) || unicode.IsDigit(r)
		if r == '.' || r == '-' || r == '_' || r == '/' || r == '[' || r == ']' {
			r = ' '
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.Fields(b.String())
}

// RedactText returns s with the password of each URL in it, such as
// "postgres://app:hunter2@db/app", and what follows each "password=…", or another
// name that [IsSecretKey] knows, as "***".
func RedactText(s string) string {
	if strings.Contains(s, "://") {
		s = urlPassword.ReplaceAllString(s, "${1}"+redacted+"@")
	}
	if strings.Contains(s, "=") {
		s = redactPairs(s)
	}
	return s
}

// Greedy up to the last @ of the authority: passwords contain anything.
var urlPassword = regexp.MustCompile(`(://[^/?#\s:@]*:)[^/?#\s]*@`)

// redactPairs hides the values of name=value whose name is a secret's.
func redactPairs(s string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(s, '=')
		if at < 0 {
			break
		}
		name := s[1+strings.LastIndexFunc(s[:at], endsName) : at]
		b.WriteString(s[:at+1])
		if s = s[at+1:]; name == "" || !IsSecretKey(name) {
			continue
		}
		if n := pairValue(s); n > 0 {
			b.WriteString(redacted)
			s = s[n:]
		}
	}
	b.WriteString(s)
	return b.String()
}

// endsName reports whether r is no part of a name before "=".
func endsName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.[]", r)
}

// pairValue returns how long the value is that s begins with: in quotes, or up to what
// ends one in a query or a connection string.
func pairValue(s string) int {
	if s != "" && (s[0] == '\'' || s[0] == '"') {
		if end := strings.IndexByte(s[1:], s[0]); end >= 0 {
			return end + 2
		}
	}
	n := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '&' || r == ';' })
	if n < 0 {
		n = len(s)
	}
	// What is quoted around the pair, as URLs in errors are, ends after it.
	if quote := strings.LastIndexByte(s[:n], '"'); quote >= 0 && strings.Trim(s[quote:n], `":,.)]}`) == "" {
		return quote
	}
	return n
}
