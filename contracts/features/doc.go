// Package features is the contract between code that does one thing or another and
// what decides which: providers of flags, and the evaluator that asks them.
//
//	if features.Value(ctx, flags, "new-checkout", false, features.Subject{ID: "user/7"}) {
//		…
//	}
//
// Asking never fails: what cannot be decided is the caller's default, and the reason
// says why.
package features
