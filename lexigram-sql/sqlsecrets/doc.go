// Package sqlsecrets keeps secrets in a table of any [sqldb.DB], sealed: a
// [security.SecretStore] with versions. Apply [Migrations] first.
//
//	store, err := sqlsecrets.New(db, sealer, sqlsecrets.Options{})
//
// The database sees names, how many versions there are, when they were made, and how
// long they are; it sees no value. A value opens for its name and version alone, so that
// nobody who writes to the table can put one in place of another. What they can do is
// delete: the version before is then the current one.
//
// Set seals with the current key of the sealer, and what is there stays sealed with the
// key of its day; [Store.Reseal] seals all of it anew, after which former keys may go.
package sqlsecrets
