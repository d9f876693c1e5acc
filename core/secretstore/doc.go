// Package secretstore has secret stores that need no server: the environment, a
// directory with one file for each secret, and memory; and a store that encrypts
// what another one holds.
//
//	store, err := secretstore.NewDirectory("/run/secrets", secretstore.DirectoryOptions{})
//	password, err := store.Get(ctx, "database/password")
//
// Give one to configfile.Options.Secrets and ${secret:database/password} in a file is its
// value.
package secretstore
