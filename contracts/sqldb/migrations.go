package sqldb

import (
	"context"
	"io/fs"
)

// Migrations are the tables of one module. A module offers them as a named di
// service of this type; the application applies them before anything uses them.
//
// The files of FS are named "0001_words.sql": a version of four or more digits,
// an underscore, a name, and ".sql", or ".down.sql" for the way back. They are
// applied in order of version, each once and in a transaction of its own, and
// never change once released. A file may hold several statements.
type Migrations struct {
	Source string                         // unique in the application, such as "lexigram-events/outbox"; it never changes
	FS     func(d Dialect) (fs.FS, error) // errors.ErrUnsupported for a dialect that the module does not speak; nil if there are only Funcs
	Funcs  []MigrationFunc                // those that are no files; their versions count with the files'
	After  []string                       // sources whose tables these refer to; they are applied before
}

// A MigrationFunc is a migration in Go, for what statements cannot say.
type MigrationFunc struct {
	Name string // as a file's, without ".sql": "0003_split_names"
	// Up changes db, with the ctx it is given, in a transaction that is rolled
	// back if it fails, and may be tried again: it has no effect elsewhere.
	Up   func(ctx context.Context, db DB) error
	Down func(ctx context.Context, db DB) error // the way back; nil if there is none
	NoTx bool                                   // runs outside a transaction: after a failure what it did stays, and it is called again
}
