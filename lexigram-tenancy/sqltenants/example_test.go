package sqltenants_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/sqltenants"
)

func ExampleMigrations() {
	m := sqltenants.Migrations()
	files, err := m.FS(sqldb.Postgres)
	if err != nil {
		fmt.Println(err)
		return
	}
	up, err := fs.Glob(files, "*_tenants.sql")
	fmt.Println(m.Source, up, err)
	// Output: lexigram-tenancy/sqltenants [0001_tenants.sql] <nil>
}

// TestDialects: the tables themselves are tested on databases, in tenancysqltest.
func TestDialects(t *testing.T) {
	if _, err := sqltenants.Migrations().FS("mysql"); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
}
