// Package audit is the contract between code that records who did what and what
// keeps the record.
//
//	log.Log(ctx, audit.Entry{Action: "user.update", Actor: "user/7", ResourceType: "user", ResourceID: "9"})
//
// A [Logger] never fails who records; a [Store] tells its errors, and is what a
// logger, a page of the administration and a retention job work on.
package audit
