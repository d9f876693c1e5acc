// Package saga is the contract of work in several steps that no transaction
// spans: each step has an action, and one that undoes it if a later step fails.
//
// A [Saga] says what the steps are. A [Manager] runs instances of it, and keeps
// how far each one is, so that another process goes on where one has died:
//
//	err := manager.Start(ctx, "checkout", "checkout/7", order)
//	in, err := manager.Resume(ctx, "checkout/7")
//
// # What is promised, and what is asked in return
//
// An action is called at least once, and again after a crash or a failure, each
// time with the same [Call].Key. It is done exactly once if whoever does it
// keeps the key with its effect: a payment provider that takes idempotency
// keys, or a table with a unique key that is written in the same transaction.
//
// An attempt that ended without an answer leaves it in doubt whether the action
// was done: its process died, it panicked, or its error is not one by which the
// other side understood and refused ([resilience.Answered]). A step in doubt is
// undone as one is that is done. So an Undo is ready to find nothing.
package saga
