// Package rowscan reads rows into values of Go types.
//
//	users, err := rowscan.Collect[User](ctx, db, "SELECT id, name FROM users WHERE age > $1", 17)
//	ada, err := rowscan.One[User](ctx, db, "SELECT id, name FROM users WHERE id = :id", rowscan.Params{"id": 7})
//
// # Types
//
// A type that is a struct, and neither a time.Time nor a sql.Scanner, has a
// column for each exported field:
//
//	type User struct {
//		ID        int64                      // column id
//		CreatedAt time.Time                  // column created_at
//		Mail      string     `db:"email"`    // column email
//		Nick      *string    `db:",optional"` // column nick, if the statement has it
//		Roles     []string   `db:"-"`        // none
//		Address                              // embedded: the columns of its fields
//	}
//
// Every other type is that of one column. Fields are what sqldb scans into: a
// column that may be NULL is a pointer, a []byte or a sql.Scanner. The columns
// of a statement and the fields of the type must be the same, in any order: a
// column without a field, a field without a column (unless it is optional) and
// two columns of one name are [ErrColumn].
//
// What is found out about a type by reflection is found out once; for each
// statement the destinations are made once, and a row costs what the database's
// Scan costs.
package rowscan
