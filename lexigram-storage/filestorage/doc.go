// Package filestorage keeps blobs in a local directory, safely: a Put that
// returned nil survives a power cut, one that did not leaves the old blob, and
// several processes may share the directory.
//
//	store, err := filestorage.Open(filestorage.Config{Dir: "/var/lib/app/blobs"})
//
// # Layout
//
// Dir has three directories. "blobs" has one file per blob, which holds its
// key, content type, metadata and bytes together, so that one rename switches
// them all. "tmp" has the files that are being written; what a dead process
// left there is removed by the next Open. "locks" has empty files that
// processes lock while they compare and switch.
//
// A path below blobs is the key with every byte but a-z, 0-9, "-", "_" and inner
// dots written as %xx, so that distinct keys are distinct paths on file systems
// that ignore case or normalise Unicode, and no name is reserved, hidden or
// longer than 255 bytes. A blob's name ends in "=", so "a" and "a/b" both exist.
//
// # What it relies on
//
// The file system must have atomic renames, locks (flock(2), LockFileEx) and an
// fsync that tells the truth: local ones do, network file systems often do not.
// It needs Linux, macOS, a BSD, or NTFS on Windows 10 or later; elsewhere Open is
// [errors.ErrUnsupported]. Windows has no fsync of directories: there a power cut
// may take back the last calls, each whole.
package filestorage
