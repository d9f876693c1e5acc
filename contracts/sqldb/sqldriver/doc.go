// Package sqldriver implements the rules of ambient transactions of package
// sqldb once: savepoints, hooks, repeats, and what a transaction refuses. A
// backend writes a [Driver], which knows nothing of them, and offers what
// [New] makes of it:
//
//	type DB struct{ *sqldriver.DB }
//
//	func Open(…) (*DB, error) {
//		…
//		return &DB{sqldriver.New(driver, sqldriver.Options{})}, nil
//	}
package sqldriver
