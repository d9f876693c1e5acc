package projection

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"strconv"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

//go:embed migrations
var files embed.FS

// Migrations returns the table of positions, for [sqldb.SQLite] and [sqldb.Postgres].
func Migrations() sqldb.Migrations {
	return sqldb.Migrations{
		Source: "lexigram-events/projection",
		FS: func(d sqldb.Dialect) (fs.FS, error) {
			switch d {
			case sqldb.SQLite, sqldb.Postgres:
				return fs.Sub(files, "migrations/"+string(d))
			}
			return nil, Err.Wrap(errors.ErrUnsupported, "projection: dialect %q is neither sqlite nor postgres", d)
		},
	}
}

// A sqlBook keeps entries in the table of [Migrations], in the ambient
// transaction. Their marks are revisions.
type sqlBook struct{ db sqldb.DB }

func (b sqlBook) get(ctx context.Context, key string) (value []byte, mark string, err error) {
	var revision int64
	err = sqldb.QueryRow(ctx, b.db, "SELECT entry, revision FROM lexigram_projection WHERE id = $1", key).Scan(&value, &revision)
	if errors.Is(err, sqldb.ErrNoRows) {
		err = errAbsent
	}
	return value, strconv.FormatInt(revision, 10), err
}

func (b sqlBook) swap(ctx context.Context, key, mark string, value []byte) (string, error) {
	var revision int64
	var n int64
	var err error
	if mark == "" {
		n, err = b.db.Exec(ctx, "INSERT INTO lexigram_projection (id, revision, entry) VALUES ($1, 1, $2) ON CONFLICT (id) DO NOTHING", key, value)
	} else {
		if revision, err = strconv.ParseInt(mark, 10, 64); err != nil {
			return "", err
		}
		n, err = b.db.Exec(ctx, "UPDATE lexigram_projection SET revision = revision + 1, entry = $3 WHERE id = $1 AND revision = $2", key, revision, value)
	}
	if err == nil && n == 0 {
		err = errMoved
	}
	return strconv.FormatInt(revision+1, 10), err
}

func (b sqlBook) remove(ctx context.Context, key string) error {
	_, err := b.db.Exec(ctx, "DELETE FROM lexigram_projection WHERE id = $1", key)
	return err
}

func (b sqlBook) atomically(ctx context.Context, fn func(ctx context.Context) error) error {
	return b.db.InTx(ctx, fn)
}

func (b sqlBook) atomic() bool { return true }
