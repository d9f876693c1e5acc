package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A Call is one call of a command. It is not safe for concurrent use.
type Call struct {
	Args   []string    // as many as [Command].Args says
	Stdout io.Writer   // of results
	Stderr io.Writer   // of progress; errors are returned
	JSON   bool        // whether results are to be printed as JSON
	Needs  di.Resolver // of [Command].Needs; nil if there are none
}

// Print prints a result: as indented JSON if the caller asked for it, and
// otherwise as its String method, or fmt, has it, and a line end. It returns the
// error of the writer, or of encoding v. Values hold no secrets.
func (c *Call) Print(v any) error {
	w := bufio.NewWriter(c.Stdout)
	if c.JSON {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(v); err != nil {
			return Err.Wrap(err, "cli: print as JSON")
		}
		return w.Flush()
	}
	text := fmt.Sprint(v)
	_, _ = w.WriteString(text) // w keeps its error for Flush
	if text != "" && !strings.HasSuffix(text, "\n") {
		_ = w.WriteByte('\n')
	}
	return w.Flush()
}

// Table returns lines of aligned columns under a head. What would steer a
// terminal is escaped, in cells that come from anywhere: [Plain].
func Table(head []string, rows ...[]string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row {
			if i > 0 {
				_, _ = io.WriteString(w, "\t") // a Builder takes everything
			}
			_, _ = io.WriteString(w, Plain(cell))
		}
		_, _ = io.WriteString(w, "\n")
	}
	_ = w.Flush()
	var out strings.Builder
	for line := range strings.Lines(b.String()) {
		out.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return out.String()
}

// Plain returns s on one line, with every character that is not printed, such as
// those that steer a terminal, written as in a Go string.
func Plain(s string) string {
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if hidden(r) {
			q := fmt.Sprintf("%q", r)
			b.WriteString(q[1 : len(q)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func hidden(r rune) bool { return !unicode.IsPrint(r) }
