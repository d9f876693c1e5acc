package configfile

import (
	"bytes"
	"context"
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
// once, joined: a file that is missing or cannot be read, a secret that the source
// fails to give ([config.ErrSource]); a file that is malformed or beyond a limit
// ([config.ErrSyntax]); an unset variable, a secret that does not exist, variables
// that contradict each other, an unknown environment, and what may not run in
// production (all [config.ErrValue]). Options that are wrong in themselves are
// [config.ErrValue]. No error shows a secret.
//
// ctx is that of the secrets' source; reading files does not stop when it ends.
func Load(ctx context.Context, o Options) (*Tree, error) {
	o, err := o.normalize()
	if err != nil {
		return nil, err
	}
	l := loader{Options: o, env: environment(o.Environ), dotenv: map[string]setting{}, root: newMapping(origin{})}
	l.dotenvs()
	if l.Options, err = o.profiled(l.getenv); err != nil {
		l.problem(err)
		return nil, errors.Join(l.problems...)
	}
	l.layer(l.values(l.Defaults, origin{source: "default", layer: DefaultLayer}))
	l.files()
	l.layer(l.variables(l.dotenv, origin{source: ".env", layer: DotenvLayer}))
	l.layer(l.variables(l.env, origin{source: "environment", layer: EnvironmentLayer}))
	l.layer(l.flags())
	l.layer(l.values(l.Overrides, origin{source: "override", layer: OverrideLayer}))
	return l.tree(ctx)
}

// loader collects the layers and what is wrong with them.
type loader struct {
	Options
	env, dotenv map[string]setting
	layers      []*value // from the lowest
	root        *value   // all of them, merged
	problems    []error
}

func (l *loader) problem(err error) { l.problems = append(l.problems, err) }

func (l *loader) layer(v *value) {
	l.layers = append(l.layers, v)
	l.root = merge(l.root, v)
}

// tree makes a Tree of the layers.
func (l *loader) tree(ctx context.Context) (*Tree, error) {
	secrets := vault{ctx: ctx, source: l.Secrets, known: map[string]revealed{}}
	root := l.interpolate(l.root, "", &secrets)
	known, err := l.knowledge()
	if err != nil {
		l.problem(err)
	}
	t := (&Tree{root: root, layers: l.layers, prefix: l.EnvPrefix, profile: l.Profile}).knowing(known)
	if t.env, err = runsIn(root); err != nil {
		l.problem(err)
	}
	if t.debug, err = debugIn(root); err != nil {
		l.problem(err)
	}
	weak := t.weaknesses()
	if t.strict() {
		l.problems = append(l.problems, weak...)
	} else {
		t.warnings = weak
	}
	if err := errors.Join(l.problems...); err != nil {
		return nil, err
	}
	return t, nil
}

// files merges the files and then those of the profile, so that no base file
// wins over a profile's.
func (l *loader) files() {
	for _, f := range l.Files {
		l.file(f, FileLayer)
	}
	if l.Profile == "" {
		return
	}
	found := false
	for _, f := range l.Files {
		ext := filepath.Ext(f.Path)
		beside := strings.TrimSuffix(f.Path, ext) + "." + l.Profile + ext
		found = l.file(File{Path: beside, Optional: true}, ProfileLayer) || found
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
func (l *loader) file(f File, layer Layer) bool {
	data, found := l.read(f)
	if data == nil {
		return found
	}
	root, err := l.parse(f.Path, data, layer)
	if err != nil {
		l.problem(err)
		return true
	}
	l.layer(root)
	return true
}

// dotenvs reads the .env files.
func (l *loader) dotenvs() {
	for _, f := range l.EnvFiles {
		data, _ := l.read(f)
		vars, err := parseDotenv(bytes.TrimPrefix(data, byteOrderMark))
		if err != nil {
			l.problem(inFile(f.Path, err))
		}
		for _, v := range vars {
			l.dotenv[v.name] = setting{v.text, origin{source: f.Path, line: v.line, name: v.name, layer: DotenvLayer}}
		}
	}
}

// read returns what a file holds, not nil, and whether it exists. An optional
// file that does not exist is nil, and so is one that cannot be read, which it reports.
func (l *loader) read(f File) (data []byte, found bool) {
	data, err := read(f.Path)
	if errors.Is(err, fs.ErrNotExist) && f.Optional {
		return nil, false
	}
	if err != nil {
		l.problem(err)
		return nil, true
	}
	return data, true
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

func (l *loader) parse(path string, data []byte, layer Layer) (*value, error) {
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
	g := grower{path: path, layer: layer}
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
