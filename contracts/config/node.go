package config

// A Format reads one syntax of configuration files. It is safe for concurrent use.
type Format interface {
	// Extensions are the file name endings of the format, such as ".yaml".
	Extensions() []string
	// Parse returns the document's root, which is a mapping; an empty document
	// is an empty one. A key given twice in a mapping, a malformed document and
	// anything the format cannot express in a [Node] are errors wrapping
	// [ErrSyntax], as a [*KeyError] with the line and without a Source. Numbers
	// are finite. Parse does not keep or change data.
	Parse(data []byte) (*Node, error)
}

// A Node is a value of a configuration file and the place where it stands.
// Exactly one of Scalar, List and Map is used, as Type says.
type Node struct {
	Type   NodeType
	Line   int // from 1
	Scalar any // string, bool, int64, float64, or nil for null
	List   []*Node
	Map    []Entry // in the order of the file
}

// An Entry is a key of a mapping and its value.
type Entry struct {
	Key   string
	Line  int
	Value *Node
}

// A NodeType says what a [Node] is.
type NodeType uint8

// The types of nodes.
const (
	Scalar NodeType = iota
	List
	Map
)
