// Package container builds the services of an application: it is the
// [di.Container] that package boot runs, and it works without it too.
//
//	c := container.New()
//	err := di.Singleton(c, func(ctx context.Context, r di.Resolver) (*Orders, error) {
//		store, err := di.Get[cache.Store](ctx, r)
//		return NewOrders(store), err
//	}, di.Needs(di.KeyOf[cache.Store]()))
//	…
//	err = c.Freeze() // every problem of the graph at once
//	orders, err := di.Get[*Orders](ctx, c)
//
// Services of a [Module] are hidden from the others unless it exports them.
// After Freeze nothing of the graph changes, so resolving a singleton that was
// built takes no lock and allocates nothing.
//
// Work that needs a scope, such as a request or a command, is done with
// [di.Invoke]; a [Unit] declares beforehand what it needs. A [Container.Child]
// adds services for one part of an application. In a test,
// [Container.Override] replaces services, private ones too, and package
// containertest reports every problem of the graph. [Container.Graph] shows
// who needs whom.
package container
