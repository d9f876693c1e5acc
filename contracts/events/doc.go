// Package events is the contract between code that announces facts and the
// bus that carries them. An [Event] is one of CloudEvents 1.0: [WriteHeaders] and
// [Parse] write and read it in binary mode, [AppendJSON] and [ParseJSON] in
// structured mode, without loss.
package events
