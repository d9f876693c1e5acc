package main

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/oklog/ulid/v2"

	"github.com/lexigram/lexigram-go/core/idgen"
)

var errSameID = errors.New("bench: an ID that sorts no higher than the one before")

func idsRow() row {
	return row{
		name: "ids: one that sorts by time",
		work: "make an ID of 16 bytes that is greater than the one before",
		goal: "≤ 60 ns, 0 allocs",
		met:  func(r result) bool { return r.ours().Ns <= 60 && r.ours().Allocs < 0.01 },
		sides: []side{
			{"core/idgen UUIDv7", startIdgen},
			{"google/uuid UUIDv7", startGoogleUUID},
			{"oklog/ulid", startULID},
		},
	}
}

func startIdgen(context.Context) (worker, error) {
	var source idgen.Source
	return worker{ops: rising(func() ([16]byte, error) { return source.UUID7(), nil })}, nil
}

func startGoogleUUID(context.Context) (worker, error) {
	return worker{ops: rising(func() ([16]byte, error) { return uuid.NewV7() })}, nil
}

// ulid.DefaultEntropy is its own choice of a source that is monotonic and safe for concurrent use.
func startULID(context.Context) (worker, error) {
	entropy := ulid.DefaultEntropy()
	return worker{ops: rising(func() ([16]byte, error) { return ulid.New(ulid.Now(), entropy) })}, nil
}

// rising makes IDs and checks their order.
func rising[ID ~[16]byte](next func() (ID, error)) func(context.Context, int) error {
	var last ID
	return func(_ context.Context, n int) error {
		for range n {
			id, err := next()
			if err != nil {
				return err
			}
			if string(id[:]) <= string(last[:]) {
				return errSameID
			}
			last = id
		}
		return nil
	}
}
