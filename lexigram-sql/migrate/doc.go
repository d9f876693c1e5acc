// Package migrate brings the tables of every module up to date: the files that
// modules offer as [sqldb.Migrations], each applied once, in order, in a
// transaction of its own, however many processes start at once.
//
//	m, err := migrate.New(db, migrate.Options{}, outbox.Migrations(), app.Migrations)
//	if err != nil {
//		return err
//	}
//	applied, err := m.Up(ctx)
//
// In an application [Module] does this before anything uses a table.
package migrate
