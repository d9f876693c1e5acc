package main

import (
	"fmt"
	"io"
	"os"

	"github.com/lexigram/lexigram-go/examples/askdocs/internal/webui"
)

// A progress shows how far long work is: one line that changes on a terminal,
// a line every tenth of the way elsewhere, nothing for work that is done at once.
type progress struct {
	w        io.Writer
	what     string
	terminal bool
	tenth    int
	shown    bool
}

func newProgress(w io.Writer, what string) *progress {
	p := &progress{w: w, what: what}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// show follows the first import.
func (p *progress) show(s webui.Status) {
	if s.Import.Running && s.Import.Total > 0 {
		p.count(s.Import.Done, s.Import.Total)
	} else if p.shown && s.Import.Problem == "" {
		p.count(s.Import.Total, s.Import.Total)
	}
}

func (p *progress) count(done, total int) {
	switch tenth := done * 10 / max(total, 1); {
	case p.terminal:
		fmt.Fprintf(p.w, "\r%s: %d of %d ", p.what, done, total)
	case p.shown && tenth == p.tenth:
		return
	default:
		p.tenth = tenth
		fmt.Fprintf(p.w, "%s: %d of %d\n", p.what, done, total)
	}
	p.shown = true
}

func (p *progress) done() {
	if p.shown && p.terminal {
		fmt.Fprintln(p.w)
	}
}
