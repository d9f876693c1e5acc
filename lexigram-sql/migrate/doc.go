// Package migrate brings the tables of every module up to date: the files and
// functions that modules offer as [sqldb.Migrations], each applied once, in
// order, in a transaction of its own, however many processes start at once.
//
//	m, err := migrate.New(db, migrate.Options{}, outbox.Migrations(), migrate.Files("example/orders", files))
//	if err != nil {
//		return err
//	}
//	applied, err := m.Up(ctx)
//
// In an application [Module] does this before anything uses a table.
//
// # Files
//
// A file is named as [sqldb.Migrations] says. Annotations are comments on lines
// of their own; without any, all of the file is the way forth.
//
//	-- +goose Up                        what follows is the way forth
//	-- +goose Down                      what follows is the way back
//	-- +goose StatementBegin            a statement ends here, whatever it looks like,
//	-- +goose StatementEnd              and here
//	-- +goose NO TRANSACTION            the file runs outside a transaction
//	-- +lexigram no-transaction         so does this one
//	-- +lexigram allow RULE, RULE       the next statement may break these rules of [Lint]
//
// A file has no BEGIN and no COMMIT. One outside a transaction is for what the
// database refuses inside, such as CREATE INDEX CONCURRENTLY; its statements can
// be run again, since a failure begins it anew.
package migrate
