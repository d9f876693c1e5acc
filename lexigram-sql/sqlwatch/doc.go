// Package sqlwatch shows what a program asks of its databases: slow statements
// with their arguments taken out, counts, plans, and who holds the connections
// when there are none left.
//
//	log, err := sqlwatch.NewLog(sqlwatch.LogOptions{Slow: 200 * time.Millisecond, Logger: logger})
//	db, err = sqlwatch.New(db, sqlwatch.Options{Logger: log})
package sqlwatch
