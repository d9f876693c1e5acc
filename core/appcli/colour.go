package appcli

import (
	"io"
	"os"
)

// A colour is the number of an SGR sequence.
type colour string

const (
	red    colour = "31"
	yellow colour = "33"
	green  colour = "32"
)

// paint returns text in a colour if w is a terminal whose user wants colours.
func paint(w io.Writer, c colour, text string) string {
	if !colourful(w, os.Getenv("NO_COLOR"), os.Getenv("TERM")) {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// colourful reports whether w shows colours: no-color.org, and what terminals say.
func colourful(w io.Writer, noColor, term string) bool {
	if noColor != "" || term == "dumb" {
		return false
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
