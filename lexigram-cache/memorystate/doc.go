// Package memorystate holds state in this process: a [state.Store] for services
// of one process and for tests.
//
//	store, err := memorystate.New(memorystate.Options{})
package memorystate
