// Package idgen makes and reads IDs that need no server: UUIDs of RFC 9562
// (versions 4 and 7), ULIDs, and TypeIDs, which are UUIDs after the type of what
// they name.
//
//	var source idgen.Source
//	id := source.UUID7() // 16 bytes, which sort by time
//
// A [Generator] makes the text of one form, as [ids.Generator] asks.
package idgen
