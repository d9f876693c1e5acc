// Package process runs sagas: work in steps that survives the death of any
// process, and is undone step by step where it cannot be finished.
//
//	checkout := process.Saga[Order]{
//		Name: "checkout", Version: 1,
//		Steps: []process.Step[Order]{
//			{Name: "reserve", Do: reserve, Undo: release},
//			{Name: "charge", Do: charge, Undo: refund, Timeout: 10 * time.Second},
//			{Name: "paid", Await: []string{"payments.charge.settled"}, Within: 24 * time.Hour},
//			{Name: "ship", Do: ship},
//		},
//	}
//	manager, err := process.New(db, process.Options{}, checkout)
//	worker, err := process.NewWorker(manager, process.WorkerOptions{})
//	err = worker.Start(ctx)
//	err = checkout.Start(ctx, manager, "checkout/7", order)
//
// A [Manager] keeps instances in a table ([New]), where a step may write in the
// transaction that records it, or in a store of state ([NewInState]).
package process
