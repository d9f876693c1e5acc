package migrate

import (
	"context"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A Migration is one file, or one function in Go.
type Migration struct {
	Source   string // of its [sqldb.Migrations]
	Version  int64  // counts from 1 without gaps, or is a time such as 20261127195500
	Name     string // of the file, such as "0001_create.sql", or of the function
	Checksum string // SHA-256 of the file's text in hexadecimal, line ends counted as \n; of a function, of its name
	NoTx     bool   // it runs outside a transaction

	up, down action
}

// Statements returns what Up runs, in order; nil for a function in Go. The
// caller owns it.
func (m Migration) Statements() []string { return m.up.texts() }

// DownStatements returns what Down runs, in order; nil for a function in Go. The
// caller owns it.
func (m Migration) DownStatements() []string { return m.down.texts() }

// Reversible reports whether there is a way back.
func (m Migration) Reversible() bool { return m.down.there }

// An action is one direction of a migration.
type action struct {
	there      bool
	file       string // where the statements stand
	statements []statement
	fn         func(ctx context.Context, db sqldb.DB) error
	noTx       bool
}

func (a action) texts() []string {
	var all []string
	for _, s := range a.statements {
		all = append(all, s.text)
	}
	return all
}

// A Record is a migration that was applied. What failed has none.
type Record struct {
	Source    string
	Version   int64
	Name      string
	Checksum  string
	AppliedAt time.Time // by the clock of the process that did, in UTC
}

// id names a migration across sources.
type id struct {
	source  string
	version int64
}
