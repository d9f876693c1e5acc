// Package tenantsql binds statements to the tenant of their context. It is a
// decorator of a [sqldb.DB]: a statement says where the tenant belongs by the
// placeholder $tenant, and cannot run without it:
//
//	db := tenantsql.New(inner)
//	db.Query(ctx, `SELECT id, title FROM documents WHERE tenant = $tenant AND id = $1`, id)
//	db.Exec(ctx, `INSERT INTO documents (tenant, id, title) VALUES ($tenant, $1, $2)`, id, title)
//
// # What it guards
//
// The value of $tenant comes from the context and from nowhere else, so no
// caller can pass a wrong one. A statement that forgets $tenant, or runs
// without a tenant, is refused before any I/O, as is everything that could hide
// one statement behind another: several statements in one text, $tenant in a
// literal, comment or quoted name, a literal that does not end, a placeholder
// without an argument.
//
// # What it does not guard
//
// It reads words, not meaning. "WHERE tenant = $tenant OR true" passes, as does
// a join whose second table is not restricted, and a function or view that
// reads other rows. Review statements, or let the database guard the rows too.
// It trusts the text of statements to come from the program: a text that was
// put together from input is open to injection here as anywhere.
package tenantsql
