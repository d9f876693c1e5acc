// Package tomlconfig reads TOML files for a configuration loader.
//
//	tree, err := configfile.Load(ctx, configfile.Options{
//		Files:   []configfile.File{{Path: "application.toml"}},
//		Formats: []config.Format{tomlconfig.Format{}},
//	})
//
// It reads TOML 1.1 and refuses what configuration does not hold: dates and times,
// which are written as text in quotes, infinities, NaN, and numbers that do not
// fit. TOML has no null.
package tomlconfig

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Limits of a document.
const (
	MaxDepth = 64      // levels of tables and arrays
	MaxNodes = 1 << 16 // values
)

// Format reads ".toml" files. The zero value is ready to use and safe for
// concurrent use.
type Format struct{}

var _ config.Format = Format{}

// Extensions returns ".toml".
func (Format) Extensions() []string { return []string{".toml"} }

// Parse reads one document; see [config.Format]. Every error is a
// [*config.KeyError] that matches [config.ErrSyntax].
func (Format) Parse(data []byte) (*config.Node, error) {
	r := newReader(data)
	if at := invalidAt(data); at < len(data) {
		return nil, malformed(r.lineAt(at), "", "is not UTF-8")
	}
	// The parser is not ours: should it panic, that is one bad file and not the end of the process.
	err := errs.Catch(r.document)
	if err == nil {
		return r.root, nil
	}
	if k, ok := errors.AsType[*config.KeyError](err); ok {
		return nil, k
	}
	return nil, r.syntax(err)
}

// syntax gives the parser's error our form.
func (r *reader) syntax(err error) *config.KeyError {
	text, _, _ := strings.Cut(err.Error(), "\n")
	p, ok := errors.AsType[*unstable.ParserError](err)
	if !ok {
		return malformed(0, "", text)
	}
	at := len(r.data)
	if len(p.Highlight) > 0 {
		at = int(r.parser.Range(p.Highlight).Offset)
	}
	return malformed(r.lineAt(at), "", text)
}

func malformed(line int, key, problem string) *config.KeyError {
	return &config.KeyError{Line: line, Key: key, Problem: problem, Sentinel: config.ErrSyntax}
}

// invalidAt returns where data stops being UTF-8.
func invalidAt(data []byte) int {
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}
