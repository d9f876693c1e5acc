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

func bad(source, format string, args ...any) error {
	return ErrFile.Wrap(fmt.Errorf(format, args...), "migrate: %s", source)
}

// fileName is the form of the contract; the third group marks the way back.
var fileName = regexp.MustCompile(`^(\d{4,18})_([0-9A-Za-z_-]+)(\.down)?\.sql$`)

// read returns the files of all sets, by source and version.
func read(d sqldb.Dialect, sets []sqldb.Migrations) ([]Migration, error) {
	sets = slices.SortedFunc(slices.Values(sets), func(a, b sqldb.Migrations) int { return cmp.Compare(a.Source, b.Source) })
	var all []Migration
	for i, set := range sets {
		switch {
		case set.Source == "" || set.FS == nil:
			return nil, bad(set.Source, "a set without Source or FS")
		case i > 0 && sets[i-1].Source == set.Source:
			return nil, bad(set.Source, "two sets have this Source")
		}
		files, err := readSet(d, set)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}

func readSet(d sqldb.Dialect, set sqldb.Migrations) ([]Migration, error) {
	fsys, err := set.FS(d)
	if err != nil {
		return nil, ErrFile.Wrap(err, "migrate: %s: dialect %q", set.Source, d)
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, ErrFile.Wrap(err, "migrate: %s", set.Source)
	}
	var files []Migration
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".sql" {
			continue
		}
		parts := fileName.FindStringSubmatch(e.Name())
		if parts == nil {
			return nil, bad(set.Source, `file %q is not named like "0001_words.sql"`, e.Name())
		}
		if parts[3] != "" {
			continue
		}
		f, err := readFile(d, fsys, set.Source, e.Name(), parts[1])
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, checkNumbers(set.Source, files)
}

func readFile(d sqldb.Dialect, fsys fs.FS, source, name, version string) (Migration, error) {
	m := Migration{Source: source, Name: name}
	var err error
	if m.Version, err = strconv.ParseInt(version, 10, 64); err != nil {
		return m, ErrFile.Wrap(err, "migrate: %s %s", source, name)
	}
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return m, ErrFile.Wrap(err, "migrate: %s", source)
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	sum := sha256.Sum256(text)
	m.Checksum = hex.EncodeToString(sum[:])
	if m.statements, err = split(strings.TrimPrefix(string(text), "\ufeff"), d); err != nil {
		return m, ErrFile.Wrap(err, "migrate: %s %s", source, name)
	}
	return m, nil
}

// checkNumbers wants versions 1, 2, 3, …
func checkNumbers(source string, files []Migration) error {
	slices.SortFunc(files, func(a, b Migration) int { return cmp.Compare(a.Version, b.Version) })
	for i, f := range files {
		if want := int64(i) + 1; f.Version != want {
			return bad(source, "file %s stands where version %04d must be", f.Name, want)
		}
	}
	return nil
}
