// Package containertest checks in a test that an application's services fit
// together, without building any of them.
//
//	func TestServices(t *testing.T) { containertest.Verify(t, newContainer()) }
//
// What a test wants to replace, it registers with [container.Container.Override].
package containertest

import (
	"errors"
	"testing"
)

// A Verifier says what is wrong with its graph, and builds nothing. A
// container is one, and so is an application of package boot.
type Verifier interface {
	// Verify returns every problem, joined.
	Verify() error
}

// Verify fails t with every problem that v has, each on a line of its own.
func Verify(t testing.TB, v Verifier) {
	t.Helper()
	for _, err := range flatten(v.Verify()) {
		t.Errorf("%v", err)
	}
}

// flatten returns the errors that err joins; what adds a text to them is one.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	if join := errors.Join(joined.Unwrap()...); join == nil || join.Error() != err.Error() {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}
