// Package vector is the contract of a vector store: collections of points with
// payloads, searched by nearness.
package vector

import (
	"context"
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/filter"
)

// Errors of stores and collections. [Err] is the family of them all.
var (
	Err             = errs.New("LEX_ERR_VEC_001", errs.Unknown, "vector")
	ErrNoCollection = Err.Sub("LEX_ERR_VEC_007", errs.NotFound, "vector: no such collection")
	ErrExists       = Err.Sub("LEX_ERR_VEC_008", errs.Conflict, "vector: collection exists")
	ErrInvalid      = Err.Sub("LEX_ERR_VEC_010", errs.Invalid, "vector: invalid point, query or name")
	ErrDimension    = Err.Sub("LEX_ERR_VEC_009", errs.Invalid, "vector: wrong dimension")
	ErrClosed       = Err.Sub("LEX_ERR_VEC_016", errs.Unavailable, "vector: store is closed").Also(fs.ErrClosed)
)

// A Metric says which points are near. Scores are larger for nearer points
// with every metric: cosine in [-1, 1] (0 if a norm is 0), dot product, and
// 1/(1+d) for the Euclidean and the Manhattan distance d.
type Metric uint8

// The metrics. The zero value is [Cosine].
const (
	Cosine Metric = iota
	Dot
	Euclidean
	Manhattan
)

// A Store holds collections. It is safe for concurrent use. A ctx that has
// ended is an error wrapping its cause ([context.Cause]) from every method of it
// and of its collections, which then has no effect; a ctx that ends while a
// backend works may leave the effect of a write unknown.
type Store interface {
	// Create makes a collection, or returns an error wrapping [ErrExists] or,
	// for what [CheckConfig] refuses, [ErrInvalid].
	Create(ctx context.Context, name string, cfg Config) (Collection, error)
	// Open returns a collection or an error wrapping [ErrNoCollection].
	Open(ctx context.Context, name string) (Collection, error)
	// Drop removes a collection and its points. A name without one is no error.
	// Using a Collection that was dropped is [ErrNoCollection].
	Drop(ctx context.Context, name string) error
	// List returns the names of all collections, sorted.
	List(ctx context.Context) ([]string, error)
}

// A Config describes a collection; it cannot change afterwards.
type Config struct {
	Dimension int
	Metric    Metric
}

// A Collection holds points. It is safe for concurrent use; a point can be
// found as soon as the call that wrote it has returned.
type Collection interface {
	// Upsert adds or replaces points. If one is invalid ([ErrDimension], an ID
	// given twice, a payload value that filter.Value refuses) nothing is
	// stored; after another error some may be, and repeating the call is safe.
	Upsert(ctx context.Context, points ...Point) error
	// Delete removes points; an ID without one is no error.
	Delete(ctx context.Context, ids ...string) error
	// Search returns at most q.Limit of the points nearest to q.Vector that
	// satisfy q.Where, best first, equal scores by ID; which of equals at the
	// limit are returned is open. No point is returned that does not satisfy
	// q.Where. With q.Exact none is missing. Without, an index may miss some,
	// but it returns q.Limit points if so many satisfy q.Where, and the filter
	// costs no recall: the suite holds recall at 10 to 0.95 with filters that
	// keep 1, 0.1, 0.01 and 0.001 of the points. A filter that the backend
	// cannot evaluate exactly is filter.ErrUnsupported.
	Search(ctx context.Context, q Query) ([]Match, error)
}

// A Point is a vector with a payload. The store copies what it keeps. Payload
// values are what filter.Value accepts, and come back as what it returns. With
// Cosine a store may keep and return the vector scaled to length 1. Any ID of
// 1 to 255 bytes is valid: a backend with narrower IDs maps it and keeps it.
type Point struct {
	ID      string
	Vector  []float32
	Payload map[string]any
}

// A Query asks for the nearest points. Search does not change it.
type Query struct {
	Vector   []float32
	Limit    int           // 0 means 10
	Where    filter.Filter // on the payload; nil matches all
	MinScore *float64      // inclusive, to the precision of float32; nil asks for none
	Vectors  bool          // return vectors too
	Exact    bool          // compare with every point, even if the collection has an index
}

// A Match is a found point.
type Match struct {
	Point
	Score float64
}
