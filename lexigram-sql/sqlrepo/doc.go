// Package sqlrepo keeps entities in a table: a repository (contracts/repo) over
// contracts/sqldb, on PostgreSQL and SQLite alike.
//
//	type User struct {
//		ID      int64
//		Name    string
//		Version int64
//	}
//
//	users, err := sqlrepo.New[User, int64](db, sqlrepo.Options{
//		Table: "users", Generated: true, Version: "version", Sort: []string{"name"},
//	})
//
// The fields of T are columns as package rowscan says; the fields of queries are
// named as the columns. A column that may be NULL is a pointer.
//
// Conditions become SQL with bound values, and mean what they mean in memory
// (filter.Match): a NULL is a missing field, compared with nothing, so that
// Not(Cmp) has it; a value of another type is not equal; numbers compare exactly, text by bytes.
// For that, text is compared and sorted with COLLATE "C" on Postgres: an index
// serves it if its column has that collation. Substring is a function of the
// database without wildcards.
package sqlrepo
