// Package security is the contract between code that needs secrets and keys and
// what keeps them: stores of secrets, sources of keys, and what seals bytes with them.
//
// A program reads a secret where it uses it:
//
//	password, err := store.Get(ctx, "database/password")
//	if err != nil {
//		return err
//	}
//	connect(password.Reveal())
package security
