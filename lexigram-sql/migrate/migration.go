package migrate

import "time"

// A Migration is one file.
type Migration struct {
	Source   string // of its [sqldb.Migrations]
	Version  int64  // from 1, without gaps
	Name     string // of the file, such as "0001_create.sql"
	Checksum string // SHA-256 of its text in hexadecimal, line ends counted as \n

	statements []string
}

// A Record is a file that was applied.
type Record struct {
	Source    string
	Version   int64
	Name      string
	Checksum  string
	AppliedAt time.Time // by the clock of the process that did, in UTC
}

// id names a file across sources.
type id struct {
	source  string
	version int64
}
