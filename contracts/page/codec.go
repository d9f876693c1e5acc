package page

// A Codec turns positions in lists into cursors and back; core/cursor has one
// whose cursors can neither be forged nor used for another list. It is safe for
// concurrent use.
type Codec interface {
	// Encode returns the cursor of a position in a list. The position is what
	// encoding/json writes; list names everything that another query must differ in.
	Encode(list string, position any) (string, error)
	// Decode sets into, a pointer, to the position that a cursor has in a list,
	// or returns an error wrapping [ErrCursor].
	Decode(list, cursor string, into any) error
}
