package library

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Imported returns the version of source that was imported whole, or "".
func (l *Library) Imported(ctx context.Context, source string) (version string, err error) {
	err = sqldb.QueryRow(ctx, l.o.DB, "SELECT version FROM askdocs_imports WHERE tenant = $tenant AND source = $1", source).Scan(&version)
	if errors.Is(err, sqldb.ErrNoRows) {
		return "", nil
	}
	return version, err
}

// SetImported records that version of source was imported whole.
func (l *Library) SetImported(ctx context.Context, source, version string) error {
	_, err := l.o.DB.Exec(ctx, `INSERT INTO askdocs_imports (tenant, source, version) VALUES ($tenant, $1, $2)
		ON CONFLICT (tenant, source) DO UPDATE SET version = $2`, source, version)
	if err != nil {
		return Err.Wrap(err, "askdocs: record the import of %s", source)
	}
	return nil
}

// WaitIdle returns when no document of the tenant waits to be indexed, or when
// ctx ends.
func (l *Library) WaitIdle(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		t, err := l.Count(ctx)
		if err != nil || t[Pending]+t[Deleting] == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// Handled returns how many documents this process has indexed or refused.
func (l *Library) Handled() int64 { return l.handled.Load() }
