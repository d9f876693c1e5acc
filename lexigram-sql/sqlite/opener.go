package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

var _ sqldb.Opener = (*DB)(nil)

// Open implements [sqldb.Opener]: p.Database is a file with the same extension
// in the same directory. That of a [Memory] database is there until the last
// one in it is closed.
func (db *DB) Open(ctx context.Context, p sqldb.Place) (sqldb.Opened, error) {
	switch {
	case p.Schema != "":
		return nil, sqldb.Err.Wrap(errors.ErrUnsupported, "sqlite: open the schema %q", p.Schema)
	case !isName(p.Database):
		return nil, sqldb.ErrArgument.Wrap(nil, "sqlite: open %q: a name is 1 to 63 letters, digits, underscores and hyphens", p.Database)
	}
	r := db.router
	path := filepath.Join(filepath.Dir(r.path), p.Database+filepath.Ext(r.path))
	if !p.Create {
		if _, err := os.Stat(path); err != nil {
			return nil, sqldb.ErrUnavailable.Wrap(err, "sqlite: open %q", p.Database)
		}
	}
	c := r.config
	c.Path = path
	return open(ctx, c, r.dir)
}

// isName reports whether s is a name of a [sqldb.Place].
func isName(s string) bool {
	return len(s) >= 1 && len(s) <= 63 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}
