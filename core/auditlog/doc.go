// Package auditlog records who did what: a [Recorder] fills in entries, hides secrets,
// signs and chains them, and appends them to a store; a [Memory] is such a store, and a
// [Sink] one that writes them to a log. A [Verifier] finds entries that were changed or
// removed.
//
//	recorder, err := auditlog.NewRecorder(&auditlog.Memory{}, auditlog.Options{Logger: log, Keys: keys})
//	recorder.Log(ctx, audit.Entry{Action: "user.update", Actor: "user/7"})
package auditlog
