package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

var _ sqldb.Opener = (*DB)(nil)

// Open implements [sqldb.Opener]: p.Database is a file with the same extension
// in the same directory. That of a [Memory] database is there until the last
// one in it is closed.
func (db *DB) Open(ctx context.Context, p sqldb.Place) (sqldb.Opened, error) {
	if p.Schema != "" {
		return nil, sqldb.Err.Wrap(errors.ErrUnsupported, "sqlite: open the schema %q", p.Schema)
	}
	if err := sqldriver.CheckPlace(p); err != nil {
		return nil, err
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
