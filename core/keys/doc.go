// Package keys has what a program seals with: sources of keys that rotate, and the
// envelope that seals bytes with them.
//
//	ring, err := keys.FromSecret(master, "2026-11", "2026-05") // the current one first
//	envelope, err := keys.NewEnvelope(keys.Derived(ring, "secrets"))
//	sealed, err := envelope.Seal(ctx, "secrets/smtp", plain)
package keys
