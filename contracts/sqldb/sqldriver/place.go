package sqldriver

import (
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// CheckPlace returns [sqldb.ErrArgument] unless the names of p are ones.
func CheckPlace(p sqldb.Place) error {
	for _, name := range []string{p.Database, p.Schema} {
		if len(name) > 63 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
			return sqldb.ErrArgument.Wrap(nil, "sql: open %.70q: a name is 1 to 63 letters, digits, underscores and hyphens", name)
		}
	}
	if p.Database == "" && p.Schema == "" {
		return sqldb.ErrArgument.Wrap(nil, "sql: open: no name")
	}
	return nil
}
