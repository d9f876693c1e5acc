// Package postgres is a [sqldb.DB] on PostgreSQL, over a pgx pool.
//
//	db, err := postgres.Open(ctx, postgres.Config{
//		URL: config.NewSecret("postgres://app:secret@db:5432/app?sslmode=verify-full"),
//	})
//	if err != nil {
//		return err
//	}
//	defer db.Close()
package postgres
