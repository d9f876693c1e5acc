// Package library is the document library of askdocs: it stores documents,
// indexes them, and answers questions about them with citations. Everything it
// does happens for the tenant of the context, and nothing without one.
//
// A document's way is: blob, then row and event in one commit ([Library.Add]);
// then, behind the outbox, split, embed and index (the handler). Each step may
// be repeated, so that a process killed anywhere completes the way when it
// starts again ([Library.Recover] and the outbox).
package library
