package appcli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/cli"
)

// A plan is what a generation would do.
type plan struct {
	cli.GenerationResult
	Patch string `json:"patch"` // in unified form
}

// String returns the patch, and a line for each file that would be skipped.
func (p plan) String() string {
	return cli.GenerationResult{Skipped: p.Skipped}.String() + p.Patch
}

// preview says what write would do to the directory that fsys holds.
func preview(fsys fs.FS, files []cli.File, force bool) (plan, error) {
	p := plan{GenerationResult: emptyResult()}
	if err := checkFiles(files); err != nil {
		return p, err
	}
	var b strings.Builder
	for _, f := range files {
		old, err := fs.ReadFile(fsys, f.Path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			p.Created = append(p.Created, f.Path)
			hunk(&b, "/dev/null", "b/"+f.Path, nil, f.Data)
		case err != nil:
			return p, cli.Err.Wrap(err, "gen: %s", f.Path)
		case !force:
			p.Skipped = append(p.Skipped, f.Path)
		default:
			p.Overwritten = append(p.Overwritten, f.Path)
			hunk(&b, "a/"+f.Path, "b/"+f.Path, old, f.Data)
		}
	}
	p.Patch = b.String()
	return p, nil
}

// hunk writes the change of a whole file, as git apply reads it.
func hunk(b *strings.Builder, from, to string, old, data []byte) {
	if bytes.Equal(old, data) && from != "/dev/null" {
		return
	}
	fmt.Fprintf(b, "--- %s\n+++ %s\n@@ -%s +%s @@\n", from, to, extent(old), extent(data))
	body(b, '-', old)
	body(b, '+', data)
}

func extent(data []byte) string {
	n := bytes.Count(data, []byte("\n"))
	if len(data) > 0 && data[len(data)-1] != '\n' {
		n++
	}
	return fmt.Sprintf("%d,%d", min(n, 1), n)
}

func body(b *strings.Builder, mark byte, data []byte) {
	for line := range bytes.Lines(data) {
		b.WriteByte(mark)
		b.Write(line)
		if line[len(line)-1] != '\n' {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
}
