package configfile

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Load reads and merges every layer. All problems that it finds are returned at
// once, joined: a file that is missing or cannot be read ([config.ErrSource]), one that is
// malformed or beyond a limit ([config.ErrSyntax]), an unset variable, variables that contradict
// each other, an unknown environment (all [config.ErrValue]). Options that are
// wrong in themselves are [config.ErrValue].
func Load(o Options) (*Tree, error) {
	o, err := o.normalize(os.Environ)
	if err != nil {
		return nil, err
	}
	l := loader{Options: o, env: environment(o.Environ), root: newMapping(origin{})}
	l.files()
	l.layer(l.variables())
	l.layer(l.overrides())
	l.root = l.interpolate(l.root, "")
	t := &Tree{root: l.root, profile: o.Profile}
	if t.env, err = runsIn(t.root); err != nil {
		l.problem(err)
	}
	if err := errors.Join(l.problems...); err != nil {
		return nil, err
	}
	return t, nil
}

// loader collects the layers and what is wrong with them.
type loader struct {
	Options
	env      map[string]string
	root     *value
	problems []error
}

func (l *loader) problem(err error) { l.problems = append(l.problems, err) }

func (l *loader) layer(v *value) { l.root = merge(l.root, v) }

// files merges the files and then those of the profile, so that no base file
// wins over a profile's.
func (l *loader) files() {
	for _, f := range l.Files {
		l.file(f)
	}
	if l.Profile == "" {
		return
	}
	found := false
	for _, f := range l.Files {
		ext := filepath.Ext(f.Path)
		beside := strings.TrimSuffix(f.Path, ext) + "." + l.Profile + ext
		found = l.file(File{Path: beside, Optional: true}) || found
	}
	if !found {
		l.problem(config.ErrSource.Wrap(nil, "configfile: profile %q has no file beside %s", l.Profile, l.paths()))
	}
}

func (l *loader) paths() string {
	if len(l.Files) == 0 {
		return "any, because there are no files"
	}
	all := make([]string, len(l.Files))
	for i, f := range l.Files {
		all[i] = f.Path
	}
	return strings.Join(all, ", ")
}

// file merges one file and reports whether it exists.
func (l *loader) file(f File) bool {
	data, err := read(f.Path)
	if errors.Is(err, fs.ErrNotExist) && f.Optional {
		return false
	}
	if err != nil {
		l.problem(err)
		return true
	}
	root, err := l.parse(f.Path, data)
	if err != nil {
		l.problem(err)
		return true
	}
	l.layer(root)
	return true
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, config.ErrSource.Wrap(err, "configfile")
	}
	defer f.Close() // it was only read
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, config.ErrSource.Wrap(nil, "configfile: %s is a directory, not a file", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxFileSize+1))
	if err != nil {
		return nil, config.ErrSource.Wrap(err, "configfile")
	}
	if len(data) > MaxFileSize {
		return nil, config.ErrSource.Wrap(nil, "configfile: %s is larger than 1 MiB, no configuration", path)
	}
	return data, nil
}

var byteOrderMark = []byte("\xef\xbb\xbf") // never written to

func (l *loader) parse(path string, data []byte) (*value, error) {
	format := l.format(path)
	if format == nil {
		return nil, config.ErrSource.Wrap(nil, "configfile: %s: no format for %q, only for %s", path, filepath.Ext(path), l.endings())
	}
	var node *config.Node
	err := errs.Catch(func() (err error) {
		node, err = format.Parse(bytes.TrimPrefix(data, byteOrderMark))
		return err
	})
	if err != nil {
		return nil, inFile(path, err)
	}
	g := grower{path: path}
	root, err := g.grow(node, "", 0)
	if err != nil {
		return nil, err
	}
	if root.kind != config.Map {
		return nil, g.fault(node, "", "the document is "+root.what()+", not a mapping")
	}
	return root, nil
}

// inFile names the file in an error of a format.
func inFile(path string, err error) error {
	if k, ok := errors.AsType[*config.KeyError](err); ok {
		named := *k
		named.Source = path
		return &named
	}
	return config.ErrSyntax.Wrap(err, "configfile: %s", path)
}

func (l *loader) format(path string) config.Format {
	ext := strings.ToLower(filepath.Ext(path))
	for _, f := range l.Formats {
		if slices.Contains(f.Extensions(), ext) {
			return f
		}
	}
	return nil
}

func (l *loader) endings() string {
	var all []string
	for _, f := range l.Formats {
		all = append(all, f.Extensions()...)
	}
	return strings.Join(all, ", ")
}

// runsIn reads the key "environment".
func runsIn(root *value) (config.Environment, error) {
	v := root.keys["environment"]
	if v == nil || v.isNull() {
		return config.Development, nil
	}
	text, ok := v.scalar.(string)
	env, err := config.ParseEnvironment(strings.ToLower(text))
	if !ok || err != nil {
		return "", &config.KeyError{
			Source: v.source, Line: v.line, Key: "environment", Sentinel: config.ErrValue,
			Problem: "is not one of development, staging, production, test",
		}
	}
	return env, nil
}
