// Package cli is the contract between modules and the command line of the
// application that links them. A module contributes commands, generators and
// diagnoses; which program runs them is the application's choice.
//
// A module contributes with a named di service, registered as a value, so that
// it is there before anything boots:
//
//	err := di.Value[cli.Contributor](r, commands{}, di.Named("tenants"))
//
// and describes its commands, each with what it needs of the application:
//
//	func (commands) Commands() []cli.Command {
//		return []cli.Command{{
//			Path:    "tenants list",
//			Short:   "List the tenants",
//			Example: "tenants list",
//			Needs:   []di.Key{di.KeyOf[tenancy.Directory]()},
//			Run:     list,
//		}}
//	}
//
// Health checks are services of their own (health.Check), and so are migrations
// (sqldb.Migrations): a command line finds those where everybody else does.
package cli
