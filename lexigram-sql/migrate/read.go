package migrate

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Files returns the migrations of fsys, such as an embed.FS or os.DirFS("migrations"):
// the files of its directory "sqlite" or "postgres" if it has any of the two,
// and otherwise its own, which are then the same for every dialect.
func Files(source string, fsys fs.FS) sqldb.Migrations {
	return sqldb.Migrations{Source: source, FS: func(d sqldb.Dialect) (fs.FS, error) {
		for _, dir := range dialects {
			info, err := fs.Stat(fsys, string(dir))
			if err == nil && info.IsDir() {
				return fs.Sub(fsys, string(d)) // not there: reading it says so
			}
		}
		return fsys, nil
	}}
}

func bad(source, format string, args ...any) error {
	return ErrFile.Wrap(fmt.Errorf(format, args...), "migrate: %s", source)
}

var (
	// fileName is the form of the contract; the third group marks the way back.
	fileName = regexp.MustCompile(`^(\d{4,18})_([0-9A-Za-z_-]+)(\.down)?\.sql$`)
	funcName = regexp.MustCompile(`^(\d{4,18})_([0-9A-Za-z_-]+)$`)
)

// A set is one [sqldb.Migrations] while it is read.
type set struct {
	dialect sqldb.Dialect
	source  string
	files   []Migration
	downs   map[int64]action // of files of their own
}

func readSet(d sqldb.Dialect, from sqldb.Migrations) ([]Migration, error) {
	s := set{dialect: d, source: from.Source, downs: map[int64]action{}}
	if from.FS != nil {
		if err := s.read(from); err != nil {
			return nil, err
		}
	}
	for _, f := range from.Funcs {
		if err := s.add(f); err != nil {
			return nil, err
		}
	}
	if err := s.number(); err != nil {
		return nil, err
	}
	return s.files, s.join()
}

func (s *set) read(from sqldb.Migrations) error {
	fsys, err := from.FS(s.dialect)
	if err != nil {
		return ErrFile.Wrap(err, "migrate: %s: dialect %q", s.source, s.dialect)
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return ErrFile.Wrap(err, "migrate: %s", s.source)
	}
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".sql" {
			continue
		}
		if err := s.file(fsys, e.Name()); err != nil {
			return err
		}
	}
	return nil
}

func (s *set) file(fsys fs.FS, name string) error {
	parts := fileName.FindStringSubmatch(name)
	if parts == nil {
		return bad(s.source, `file %q is not named like "0001_words.sql"`, name)
	}
	m := Migration{Source: s.source, Name: name}
	var err error
	if m.Version, err = strconv.ParseInt(parts[1], 10, 64); err != nil {
		return ErrFile.Wrap(err, "migrate: %s %s", s.source, name)
	}
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return ErrFile.Wrap(err, "migrate: %s", s.source)
	}
	text = bytes.ReplaceAll(bytes.TrimPrefix(text, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	parsed, err := parse(string(text), s.dialect)
	if err != nil {
		return ErrFile.Wrap(err, "migrate: %s %s", s.source, name)
	}
	sum := sha256.Sum256(text)
	m.Checksum, m.NoTx = hex.EncodeToString(sum[:]), parsed.noTx
	m.up = action{there: true, file: name, statements: parsed.up, noTx: parsed.noTx}
	m.down = action{there: parsed.hasDown, file: name, statements: parsed.down, noTx: parsed.noTx}
	if parts[3] == "" {
		s.files = append(s.files, m)
		return nil
	}
	if parsed.parted {
		return bad(s.source, "file %s is the way back already: it needs no Up and Down", name)
	}
	if before, taken := s.downs[m.Version]; taken {
		return bad(s.source, "files %s and %s are one version", before.file, name)
	}
	s.downs[m.Version] = m.up
	return nil
}

func (s *set) add(f sqldb.MigrationFunc) error {
	parts := funcName.FindStringSubmatch(f.Name)
	if parts == nil || f.Up == nil {
		return bad(s.source, `function %q is not named like "0001_words", or has no Up`, f.Name)
	}
	version, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return ErrFile.Wrap(err, "migrate: %s %s", s.source, f.Name)
	}
	sum := sha256.Sum256([]byte("func " + f.Name))
	s.files = append(s.files, Migration{
		Source: s.source, Version: version, Name: f.Name, Checksum: hex.EncodeToString(sum[:]), NoTx: f.NoTx,
		up:   action{there: true, file: f.Name, fn: f.Up, noTx: f.NoTx},
		down: action{there: f.Down != nil, file: f.Name, fn: f.Down, noTx: f.NoTx},
	})
	return nil
}

// firstTime is the smallest version that is a time, with or without its clock;
// smaller ones are counted.
const firstTime = 1970_01_01

// number sorts the files and wants versions 1, 2, 3, …; those that are times
// come after, and may leave gaps.
func (s *set) number() error {
	slices.SortFunc(s.files, func(a, b Migration) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.Name, b.Name))
	})
	for i, f := range s.files {
		switch want := int64(i) + 1; {
		case i > 0 && f.Version == s.files[i-1].Version:
			return bad(s.source, "files %s and %s are one version: give the newer one the next number", s.files[i-1].Name, f.Name)
		case f.Version != want && f.Version < firstTime:
			return bad(s.source, "file %s stands where version %04d must be", f.Name, want)
		}
	}
	return nil
}

// join gives every file the way back that stands in a file of its own.
func (s *set) join() error {
	for i := range s.files {
		f := &s.files[i]
		down, ok := s.downs[f.Version]
		if !ok {
			continue
		}
		if f.down.there {
			return bad(s.source, "file %s has a way back, and %s is another", f.Name, down.file)
		}
		f.down = down
		delete(s.downs, f.Version)
	}
	var left []string
	for _, down := range s.downs {
		left = append(left, down.file)
	}
	if len(left) > 0 {
		return bad(s.source, "file %s is the way back of no file", strings.Join(slices.Sorted(slices.Values(left)), ", "))
	}
	return nil
}
