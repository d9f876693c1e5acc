// Package memoryidempotency holds claims and results in this process: an
// [idempotency.Store] for services of one process and for tests.
//
//	store, err := memoryidempotency.New(memoryidempotency.Options{})
package memoryidempotency
