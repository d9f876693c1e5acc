// Package lock is the contract for mutual exclusion between processes: leases
// on names, each with a fence.
//
// A backend is a [Store]. Code that needs a lock takes one, and runs under it with
//
//	err := lock.With(ctx, store, "reports/daily", 30*time.Second, func(ctx context.Context, fence uint64) error {
//		return reports.Write(ctx, fence) // ctx ends before the lease can be another's
//	})
//
// [Acquire] and [TryAcquire] return the [Lease] itself, for holders that outlive a call.
//
// # What a lease is worth
//
// A lease ends by time. A process that is paused past the end, by its
// scheduler, its garbage collector or a suspended laptop, goes on for a moment
// in the belief that it holds the name. What it writes then is told from what
// the next holder writes by the fence, and only by it: a resource that refuses
// smaller fences than it has seen is safe, and one that looks at none is not.
package lock
