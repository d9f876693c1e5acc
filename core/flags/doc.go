// Package flags has providers of feature flags, from definitions in the program, from the
// environment and from one another, and the [Client] that asks them.
//
//	provider, err := flags.NewMemory(flags.Flag{Key: "new-checkout", Type: features.Percentage, Percent: 20})
//	client, err := flags.New(provider, flags.Options{Logger: log})
//	if features.Value(ctx, client, "new-checkout", false, features.Subject{ID: "user/7"}) {
//		…
//	}
package flags
