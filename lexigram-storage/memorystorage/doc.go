// Package memorystorage keeps blobs in memory, for tests and small programs. They
// are lost with the process.
//
//	store := memorystorage.New()
package memorystorage
