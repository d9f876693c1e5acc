// Package memorylock holds leases in this process: a [lock.Store] for services
// of one process and for tests.
//
//	store, err := memorylock.New(memorylock.Options{})
//
// Beside it are locks for goroutines alone, without names, ends or fences:
// [Mutex], which a context can leave, and [Keyed], which locks several keys at
// once without deadlock.
package memorylock
