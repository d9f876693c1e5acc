// Package crud reads and writes rows of tables whose columns are known only
// when the program runs: administration, imports, tests.
//
//	res, err := crud.Insert(ctx, db, "users", map[string]any{"name": "Ada"}, "id")
//
// What is known before is better written as SQL, or left to package sqlrepo.
// Names of tables and columns are one or more letters, digits and underscores,
// that of a table also with its schema and a dot before; they are quoted, in
// the case that they have. Another name is [sqldb.ErrArgument], and so is a
// change without a condition: [All] says that every row is meant. Statements
// join the ambient transaction. Functions are safe for concurrent use.
package crud
