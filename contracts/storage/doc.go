// Package storage is the contract of a blob store: named byte sequences with
// metadata.
//
// Keys obey [CheckKey], which every method of every backend calls first. Keys
// are bytes: "a", "A", "a/b" and "a/b/" + 900 letters are different blobs and
// may all exist, on a file system too.
package storage
