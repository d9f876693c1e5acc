package migrate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Generators returns the one of migrations.
func (Commands) Generators() []cli.GeneratorDefinition {
	return []cli.GeneratorDefinition{{
		Name: "migration", Short: "A migration for SQLite and PostgreSQL, and the way back",
		Long: "Write the next migration of a module, with its way back, for SQLite and for PostgreSQL. Named create_TABLE it makes a table of the fields, " +
			"with a key \"id\" unless that is a field; named add_WORDS_to_TABLE, or with --table, it adds the fields to a table; any other one is empty, to be written. " +
			"Types are string, text, int, float, decimal, bool, time, date, uuid, json and bytes. !fk=Team refers to the id of the table teams, !fk=team to that of team.",
		Example: "migration create_orders -f 'email:string!unique,note:text?,paid:bool=false,team:int!fk=Team'\n" +
			"migration add_discount_to_orders -f discount:decimal=0\nmigration fill_totals -o internal/orders/migrations",
		Fields: "columns", Dir: "migrations",
		Options:  []cli.GeneratorOption{{Name: "table", Letter: 't', Short: "the `TABLE` to add the fields to, if the name does not say it"}},
		Generate: generate,
	}}
}

// dialects are those that generated files are for; never written to.
var dialects = []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres}

func generate(_ context.Context, req cli.Request) ([]cli.File, error) {
	name := cli.Snake(req.Name)
	change, err := changeOf(name, req)
	if err != nil {
		return nil, err
	}
	version, err := nextVersion(req.Dir, name)
	if err != nil {
		return nil, err
	}
	var files []cli.File
	for _, d := range dialects {
		forth, back := change.sql(d)
		base := fmt.Sprintf("%s/%04d_%s", d, version, name)
		files = append(files, cli.File{Path: base + ".sql", Data: []byte(forth)}, cli.File{Path: base + ".down.sql", Data: []byte(back)})
	}
	return files, nil
}

// A change is what a migration does; without a table nothing yet.
type change struct {
	table   string
	create  bool
	columns []column
}

var (
	createName = regexp.MustCompile(`^create_([a-z0-9_]+)$`)
	addName    = regexp.MustCompile(`^add_[a-z0-9_]+_to_([a-z0-9_]+)$`)
	sqlName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)
)

func changeOf(name string, req cli.Request) (change, error) {
	c := change{table: req.Options["table"]}
	if found := createName.FindStringSubmatch(name); found != nil && c.table == "" {
		c.table, c.create = found[1], true
	}
	if found := addName.FindStringSubmatch(name); found != nil && c.table == "" {
		c.table = found[1]
	}
	switch {
	case c.table != "" && !sqlName.MatchString(c.table):
		return c, cli.ErrUsage.Wrap(fmt.Errorf("%.100q is not the name of a table", c.table), "gen migration")
	case c.table == "" && len(req.Fields) > 0:
		return c, cli.ErrUsage.Wrap(errors.New("fields of which table? name it create_TABLE or add_WORDS_to_TABLE, or say --table"), "gen migration")
	case c.table != "" && !c.create && len(req.Fields) == 0:
		return c, cli.ErrUsage.Wrap(fmt.Errorf("adds nothing to %s: say which --fields", c.table), "gen migration")
	}
	if c.create {
		c.columns = append(c.columns, column{name: "id", kind: key})
	}
	for _, f := range req.Fields {
		col, err := columnOf(f, c.create)
		if err != nil {
			return c, err
		}
		if c.create && strings.EqualFold(f.Name, "id") {
			col.kind.primary = true
			c.columns[0] = col
			continue
		}
		c.columns = append(c.columns, col)
	}
	return c, nil
}

// nextVersion returns the number after the last file's, of whatever dialect; that
// of the last file itself if it has this name, so that making it again is not
// another migration.
func nextVersion(dir fs.FS, name string) (int64, error) {
	var last int64
	names := map[int64]string{}
	for _, d := range dialects {
		entries, err := fs.ReadDir(dir, string(d))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, Err.Wrap(err, "migrate: generate")
		}
		for _, e := range entries {
			parts := fileName.FindStringSubmatch(e.Name())
			if parts == nil {
				continue
			}
			v, err := strconv.ParseInt(parts[1], 10, 64)
			if err != nil {
				return 0, ErrFile.Wrap(err, "migrate: %s", e.Name())
			}
			last, names[v] = max(last, v), parts[2]
		}
	}
	for v, taken := range names {
		if taken == name && v != last {
			return 0, cli.ErrUsage.Wrap(fmt.Errorf("%04d_%s is there, and others after it: choose another name", v, name), "gen migration")
		}
	}
	if names[last] == name {
		return last, nil
	}
	return last + 1, nil
}

// sql returns the files of a dialect, forth and back.
func (c change) sql(d sqldb.Dialect) (forth, back string) {
	var up, down strings.Builder
	switch {
	case c.table == "":
		return "-- Write the statements here, each with a semicolon behind it.\n", "-- Write here what undoes them.\n"
	case c.create:
		fmt.Fprintf(&up, "CREATE TABLE %s (\n", quote(c.table))
		for i, col := range c.columns {
			comma := ","
			if i == len(c.columns)-1 {
				comma = ""
			}
			fmt.Fprintf(&up, "    %s%s\n", col.sql(d), comma)
		}
		up.WriteString(");\n")
		fmt.Fprintf(&down, "DROP TABLE %s;\n", quote(c.table))
		return up.String(), down.String()
	}
	for _, col := range c.columns { // SQLite adds no unique columns, and drops none
		unique := col.unique
		col.unique = false
		fmt.Fprintf(&up, "ALTER TABLE %s ADD COLUMN %s;\n", quote(c.table), col.sql(d))
		if unique {
			index := quote(short(c.table + "_" + col.name + "_key"))
			fmt.Fprintf(&up, "CREATE UNIQUE INDEX %s ON %s (%s);\n", index, quote(c.table), quote(col.name))
			fmt.Fprintf(&down, "DROP INDEX %s;\n", index)
		}
		fmt.Fprintf(&down, "ALTER TABLE %s DROP COLUMN %s;\n", quote(c.table), quote(col.name))
	}
	return up.String(), down.String()
}

// short keeps a name within what PostgreSQL takes.
func short(name string) string { return name[:min(len(name), 63)] }

func quote(name string) string { return `"` + name + `"` }
