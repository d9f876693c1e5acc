// Package di is the contract between modules that offer services and the
// container that builds them. A module needs this package only; which
// container runs it is the application's choice.
//
// A module offers a service with [Singleton] and uses one with [Get]:
//
//	err := di.Singleton(r, func(ctx context.Context, r di.Resolver) (*Orders, error) {
//		db, err := di.Get[sqldb.DB](ctx, r)
//		if err != nil {
//			return nil, err
//		}
//		return NewOrders(db), nil
//	}, di.Needs(di.KeyOf[sqldb.DB]()))
package di
