package configfile

import (
	"bufio"
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
//	db.password   = ***      # environment variable LEX_DB__PASSWORD
//
// Values whose keys smell of a secret, or end in "key", are ***, and so are
// passwords inside URLs. A secret under an innocent key is shown: do not send
// dumps to strangers. It returns the error of w.
func (t *Tree) Dump(w io.Writer) error {
	var lines []dumpLine
	collect(t.root, "", false, &lines)
	keys, values := 0, 0
	for _, l := range lines {
		keys, values = max(keys, min(len(l.key), 40)), max(values, min(len(l.value), 40))
	}
	b := bufio.NewWriter(w)
	for _, l := range lines {
		fmt.Fprintf(b, "%-*s = %-*s  # %s\n", keys, l.key, values, l.value, l.place) // b keeps its error for Flush
	}
	return b.Flush()
}

type dumpLine struct{ key, value, place string }

func collect(v *value, key string, secret bool, lines *[]dumpLine) {
	switch {
	case v.kind == config.Map && len(v.keys) > 0:
		for _, name := range v.names() {
			hidden := secret || config.IsSecretKey(name) || strings.HasSuffix(strings.ToLower(name), "key")
			collect(v.keys[name], join(key, name), hidden, lines)
		}
	case v.kind == config.List && len(v.list) > 0:
		for i, e := range v.list {
			collect(e, fmt.Sprintf("%s[%d]", key, i), secret, lines)
		}
	case key != "":
		*lines = append(*lines, dumpLine{printable(key), v.shown(secret), v.place()})
	}
}

// printable quotes a key that would not stay on its line: maps have any keys.
func printable(key string) string {
	if quoted := strconv.Quote(key); quoted != `"`+key+`"` {
		return quoted
	}
	return key
}

func (v *value) shown(secret bool) string {
	switch {
	case v.kind == config.Map:
		return "{}"
	case v.kind == config.List:
		return "[]"
	case v.scalar == nil:
		return "null"
	case secret:
		return "***"
	}
	if s, ok := v.scalar.(string); ok {
		return strconv.Quote(config.RedactText(s))
	}
	return fmt.Sprint(v.scalar)
}

func (o origin) place() string {
	if o.line > 0 {
		return o.source + ":" + strconv.Itoa(o.line)
	}
	return o.source
}
