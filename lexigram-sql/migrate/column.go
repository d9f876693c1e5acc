package migrate

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A kind is a type of columns.
type kind struct {
	postgres, sqlite string
	primary          bool
	// literal returns a default in SQL; nil has none.
	literal func(text string) (string, error)
}

// key is what tables get that have no id of their own.
var key = kind{postgres: "bigint GENERATED ALWAYS AS IDENTITY", sqlite: "integer", primary: true}

// kinds are the types that fields may have. It is never written to.
var kinds = map[string]kind{
	"string":  {postgres: "text", sqlite: "text", literal: literal},
	"text":    {postgres: "text", sqlite: "text", literal: literal},
	"int":     {postgres: "bigint", sqlite: "integer", literal: parsed(func(s string) error { _, err := strconv.ParseInt(s, 10, 64); return err })},
	"float":   {postgres: "double precision", sqlite: "real", literal: matching(`^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$`, false)},
	"decimal": {postgres: "numeric", sqlite: "text", literal: matching(`^-?\d+(\.\d+)?$`, true)},
	"bool":    {postgres: "boolean", sqlite: "boolean", literal: matching(`^(true|false)$`, false)},
	"time":    {postgres: "timestamp with time zone", sqlite: "timestamp with time zone", literal: moment},
	"date":    {postgres: "date", sqlite: "text", literal: inTime(time.DateOnly)},
	"uuid":    {postgres: "uuid", sqlite: "text", literal: matching(`^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$`, true)},
	"json":    {postgres: "jsonb", sqlite: "text", literal: document},
	"bytes":   {postgres: "bytea", sqlite: "blob"},
}

func literal(text string) (string, error) {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'", nil
}

func parsed(check func(string) error) func(string) (string, error) {
	return func(text string) (string, error) { return text, check(text) }
}

func matching(pattern string, quoted bool) func(string) (string, error) {
	re := regexp.MustCompile(pattern)
	return func(text string) (string, error) {
		if !re.MatchString(text) {
			return "", errors.New("is not one")
		}
		if quoted {
			return literal(text)
		}
		return text, nil
	}
}

func inTime(layout string) func(string) (string, error) {
	return func(text string) (string, error) {
		if _, err := time.Parse(layout, text); err != nil {
			return "", err
		}
		return literal(text)
	}
}

func moment(text string) (string, error) {
	if text == "now" {
		return "CURRENT_TIMESTAMP", nil
	}
	return inTime(time.RFC3339)(text)
}

func document(text string) (string, error) {
	if !json.Valid([]byte(text)) {
		return "", errors.New("is not JSON")
	}
	return literal(text)
}

// A column is a field in SQL.
type column struct {
	name       string
	kind       kind
	optional   bool
	unique     bool
	references string // a table
	value      string // the default in SQL; "" if there is none
}

// columnOf checks a field. What is added to a table that has rows can do less.
func columnOf(f cli.Field, create bool) (column, error) {
	c := column{name: f.Name, optional: f.Optional, unique: f.Unique}
	bad := func(format string, args ...any) (column, error) {
		return c, cli.ErrField.Wrap(fmt.Errorf(format, args...), "gen migration: field %q", f.Name)
	}
	k, ok := kinds[f.Type]
	if !ok {
		types := slices.Sorted(maps.Keys(kinds))
		problem := fmt.Sprintf("type %q is not one of %s", f.Type, strings.Join(types, ", "))
		if near := config.Nearest(f.Type, types); near != "" {
			problem += fmt.Sprintf(" (did you mean %q?)", near)
		}
		return bad("%s", problem)
	}
	c.kind = k
	if !sqlName.MatchString(f.Name) {
		return bad("the name is longer than 63 letters")
	}
	if f.References != "" {
		if c.references = tableOf(f.References); !sqlName.MatchString(c.references) {
			return bad("!fk=%s names no table", f.References)
		}
	}
	if f.HasDefault {
		if k.literal == nil {
			return bad("type %s has no default", f.Type)
		}
		var err error
		if c.value, err = k.literal(f.Default); err != nil {
			return bad("default %q of type %s: %w", f.Default, f.Type, err)
		}
	}
	switch {
	case create && strings.EqualFold(f.Name, "id") && (f.Optional || f.References != ""):
		return bad("the key of a table is neither optional nor a reference")
	case create:
	case !f.Optional && !f.HasDefault:
		return bad("the table may have rows: give a default, or make it optional with ?")
	case f.References != "" && (!f.Optional || f.HasDefault):
		return bad("a reference that is added to a table is optional and has no default")
	case c.value == "CURRENT_TIMESTAMP":
		return bad("the default of a column that is added is a constant")
	}
	return c, nil
}

// tableOf returns the table of a model: teams of Team, and a table's own name.
func tableOf(model string) string {
	if model == strings.ToLower(model) {
		return model
	}
	name := cli.Snake(model)
	switch {
	case strings.HasSuffix(name, "y") && !strings.ContainsAny(name[max(len(name)-2, 0):len(name)-1], "aeiou"):
		return name[:len(name)-1] + "ies"
	case strings.HasSuffix(name, "s"), strings.HasSuffix(name, "x"), strings.HasSuffix(name, "ch"), strings.HasSuffix(name, "sh"):
		return name + "es"
	}
	return name + "s"
}

func (c column) sql(d sqldb.Dialect) string {
	typ := c.kind.postgres
	if d == sqldb.SQLite {
		typ = c.kind.sqlite
	}
	text := quote(c.name) + " " + typ
	if !c.optional && !(c.kind.primary && typ == "integer") {
		text += " NOT NULL"
	}
	if c.value != "" {
		text += " DEFAULT " + c.value
	}
	switch {
	case c.kind.primary:
		text += " PRIMARY KEY"
	case c.unique:
		text += " UNIQUE"
	}
	if c.references != "" {
		text += " REFERENCES " + quote(c.references) + " (\"id\")"
	}
	return text
}
