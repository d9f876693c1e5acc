package phrase

import (
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Tables returns the migrations that files has in dir, in a directory for each dialect
// that [For] knows.
func Tables(source string, files fs.FS, dir string) sqldb.Migrations {
	return sqldb.Migrations{Source: source, FS: func(d sqldb.Dialect) (fs.FS, error) {
		if _, err := For(d); err != nil {
			return nil, err
		}
		return fs.Sub(files, dir+"/"+string(d))
	}}
}
