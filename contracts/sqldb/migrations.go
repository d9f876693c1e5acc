package sqldb

import "io/fs"

// Migrations are the tables of one module. A module offers them as a named di
// service of this type; the application applies them before anything uses them.
//
// The files of FS are named "0001_words.sql": a version of four or more digits,
// an underscore, a name, and ".sql", or ".down.sql" for the way back. They are
// applied in order of version, each once and in a transaction of its own, and
// never change once released. A file may hold several statements.
type Migrations struct {
	Source string                         // unique in the application, such as "lexigram-events/outbox"; it never changes
	FS     func(d Dialect) (fs.FS, error) // errors.ErrUnsupported for a dialect that the module does not speak
}
