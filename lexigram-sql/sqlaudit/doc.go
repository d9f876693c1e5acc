// Package sqlaudit keeps audit entries in a table of any [sqldb.DB]: an [audit.Store]
// whose entries commit with what they tell of. Apply [Migrations] first.
//
//	store, err := sqlaudit.New(db)
//
// The table is append-only: triggers refuse to change an entry, and to delete one that
// does not expire. They guard against mistakes; that nobody with more rights changed
// anything is what the checksums prove, which a logger makes and checks, and which are
// kept as they are.
package sqlaudit
