// Package idempotency is the contract for doing once what is asked for several
// times: a client that lost an answer asks again with the same key, and gets the answer that was.
//
// A backend is a [Store] of claims and results. Code that must not run twice runs in [Do]:
//
//	out, err := idempotency.Do(ctx, store, key, fingerprint, func(ctx context.Context, c idempotency.Claim) ([]byte, error) {
//		return payments.Charge(ctx, order)
//	})
//
// # Once, and what that takes
//
// A claim is a lease: it ends by time, so that a process that died does not
// block its key forever. Do renews it while the function runs and cancels the
// function's context when it is lost. A process that is paused past the end of
// its claim, or dies after its effect and before Complete, makes the effect
// happen twice; so does an effect elsewhere whose answer was lost.
//
// Exactly once it happens where effect and result are one commit: in a
// transaction of the database that the store is in, which Complete of [Store]
// then takes part in. Complete fails if the claim was lost, and the effect with it.
//
//	func(ctx context.Context, c idempotency.Claim) (result []byte, err error) {
//		err = db.InTx(ctx, func(ctx context.Context) error {
//			if result, err = charge(ctx); err != nil {
//				return err
//			}
//			return store.Complete(ctx, c, result, idempotency.DefaultKeep)
//		})
//		return result, err
//	}
package idempotency
