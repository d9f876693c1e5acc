// Package yamlconfig reads YAML files for a configuration loader.
//
//	tree, err := configfile.Load(ctx, configfile.Options{
//		Files:   []configfile.File{{Path: "application.yaml"}},
//		Formats: []config.Format{yamlconfig.Format{}},
//	})
//
// It reads the part of YAML 1.2 that configuration needs and refuses the rest,
// so that no value is a surprise:
//
//   - plain scalars follow the core schema of YAML 1.2: true and false (also True
//     and TRUE) are booleans, while yes, no, on and off are strings; 010 is ten,
//     0o10 eight, 0x10 sixteen; 1_000, 12:30 and 2026-01-02 are strings;
//   - infinities, NaN and numbers that do not fit are refused;
//   - a key given twice, a second document, a key that is no scalar, and tags
//     other than !!str, !!int, !!float, !!bool, !!null, !!seq and !!map are refused;
//   - an alias repeats the whole value of its anchor; the merge key << is refused,
//     and so is a document that its aliases blow up, or that contains itself.
package yamlconfig

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Format reads ".yaml" and ".yml" files. The zero value is ready to use and safe
// for concurrent use.
type Format struct{}

var _ config.Format = Format{}

// Extensions returns ".yaml" and ".yml".
func (Format) Extensions() []string { return []string{".yaml", ".yml"} }

// Parse reads one document; see [config.Format]. Every error is a
// [*config.KeyError] that matches [config.ErrSyntax].
func (Format) Parse(data []byte) (*config.Node, error) {
	if !utf8.Valid(data) {
		return nil, malformed(1, "", "is not UTF-8")
	}
	var doc *yaml.Node
	// The parser is not ours: should it panic, that is one bad file and not the end of the process.
	err := errs.Catch(func() (err error) {
		doc, err = single(data)
		return err
	})
	if err != nil {
		return nil, fromParser(err)
	}
	if doc == nil {
		return &config.Node{Type: config.Map, Line: 1}, nil
	}
	c := converter{open: map[*yaml.Node]bool{}}
	root, err := c.convert(doc, "", 0)
	if err != nil {
		return nil, err
	}
	if root.Type != config.Map {
		return nil, malformed(root.Line, "", "the document is not a mapping")
	}
	return root, nil
}

// single returns the root of the only document, or nil if there is none or it is empty.
func single(data []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, next yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	switch err := dec.Decode(&next); {
	case err == nil:
		return nil, malformed(next.Line, "", "has a second document; a file holds one")
	case !errors.Is(err, io.EOF):
		return nil, err
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, nil
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Value == "" && root.Style == 0 {
		return nil, nil // nothing but comments and ---
	}
	return root, nil
}

var parserLine = regexp.MustCompile(`line (\d+): (.*)`)

// fromParser gives the parser's error our form.
func fromParser(err error) error {
	if k, ok := errors.AsType[*config.KeyError](err); ok {
		return k
	}
	text, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "yaml: "), "\n")
	line := 0
	if m := parserLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1]) // digits; one too long to be a line is none
		text = m[2]
	}
	if strings.HasPrefix(text, "unknown anchor ") { // which may be a password that nobody quoted
		text = "an alias names an anchor that is not there; quote text that begins with *"
	}
	return malformed(line, "", text)
}

func malformed(line int, key, problem string) *config.KeyError {
	return &config.KeyError{Line: line, Key: key, Problem: problem, Sentinel: config.ErrSyntax}
}
