package vector

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/filter"
)

// MaxDimension and MaxLimit bound a [Config] and a [Query].
const (
	MaxDimension = 65_536
	MaxLimit     = 10_000
)

// CheckConfig returns an error wrapping [ErrInvalid] unless name is 1 to 63 of
// a-z, 0-9 and "_" that begin with a letter, the dimension is 1 to
// [MaxDimension] and the metric is one of this package. Every backend's Create
// calls it first.
func CheckConfig(name string, cfg Config) error {
	switch {
	case len(name) == 0 || len(name) > 63 || name[0] < 'a' || name[0] > 'z' ||
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "":
		return ErrInvalid.Wrap(nil, "vector: collection name %.70q", name)
	case cfg.Dimension < 1 || cfg.Dimension > MaxDimension:
		return ErrInvalid.Wrap(nil, "vector: dimension %d is not 1 to %d", cfg.Dimension, MaxDimension)
	case cfg.Metric > Manhattan:
		return ErrInvalid.Wrap(nil, "vector: metric %d", cfg.Metric)
	}
	return nil
}

// CheckPoints returns points with their payloads as filter.Value returns them,
// or an error wrapping [ErrDimension] or [ErrInvalid]. The points and their
// payloads are not changed. Every backend's Upsert calls it first.
func CheckPoints(cfg Config, points []Point) ([]Point, error) {
	out := make([]Point, len(points))
	seen := make(map[string]struct{}, len(points))
	for i, p := range points {
		if len(p.ID) == 0 || len(p.ID) > 255 {
			return nil, ErrInvalid.Wrap(nil, "vector: point ID %.40q is not 1 to 255 bytes", p.ID)
		}
		if _, dup := seen[p.ID]; dup {
			return nil, ErrInvalid.Wrap(nil, "vector: point %q is given twice", p.ID)
		}
		seen[p.ID] = struct{}{}
		if err := checkVector(cfg, p.Vector); err != nil {
			return nil, ErrInvalid.Wrap(err, "vector: point %q", p.ID)
		}
		payload := make(map[string]any, len(p.Payload))
		for field, v := range p.Payload {
			if err := filter.CheckField(field); err != nil {
				return nil, ErrInvalid.Wrap(err, "vector: point %q", p.ID)
			}
			value, err := filter.Value(v)
			if err != nil {
				return nil, ErrInvalid.Wrap(err, "vector: payload %q of point %q", field, p.ID)
			}
			payload[field] = value
		}
		out[i] = Point{p.ID, p.Vector, payload}
	}
	return out, nil
}

// CheckQuery returns q with its default limit, or an error wrapping
// [ErrDimension], [ErrInvalid] or filter.Err. Every backend's Search calls it first.
func CheckQuery(cfg Config, q Query) (Query, error) {
	if q.Limit < 0 || q.Limit > MaxLimit {
		return q, ErrInvalid.Wrap(nil, "vector: limit %d is not 0 to %d", q.Limit, MaxLimit)
	}
	if q.Limit == 0 {
		q.Limit = 10
	}
	if err := checkVector(cfg, q.Vector); err != nil {
		return q, err
	}
	return q, filter.Validate(q.Where)
}

func checkVector(cfg Config, v []float32) error {
	if len(v) != cfg.Dimension {
		return ErrDimension.Wrap(nil, "vector: vector of %d, collection of %d", len(v), cfg.Dimension)
	}
	for _, x := range v {
		if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
			return ErrInvalid.Wrap(nil, "vector: component %v", x)
		}
	}
	return nil
}

// Ensure opens the collection and makes it first if there is none, whoever else
// does so at the same time.
func Ensure(ctx context.Context, s Store, name string, cfg Config) (Collection, error) {
	for {
		c, err := s.Open(ctx, name)
		if !errors.Is(err, ErrNoCollection) {
			return c, err
		}
		c, err = s.Create(ctx, name, cfg)
		if !errors.Is(err, ErrExists) {
			return c, err
		}
	}
}
