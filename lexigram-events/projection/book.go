package projection

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

// A book keeps small entries that change only if they are what the caller knows.
type book interface {
	// get returns an entry and what it is known by, or errAbsent.
	get(ctx context.Context, key string) (value []byte, mark string, err error)
	// swap keeps value in place of what mark says, "" for nothing, and returns
	// what the new one is known by, or errMoved.
	swap(ctx context.Context, key, mark string, value []byte) (newMark string, err error)
	remove(ctx context.Context, key string) error
	// atomically runs fn in a transaction, if it has them.
	atomically(ctx context.Context, fn func(ctx context.Context) error) error
	// atomic reports whether it has.
	atomic() bool
}

var (
	errAbsent = errors.New("no entry")
	errMoved  = errors.New("another one moved it")
)

// A head says which generations a projection has.
type head struct {
	Live     Generation   `json:"live"`
	Building Generation   `json:"building,omitempty"` // 0 is none
	Last     Generation   `json:"last"`               // the highest number that was given
	Old      []Generation `json:"old,omitempty"`      // to be dropped

	mark string
}

// A page says how far a generation is.
type page struct {
	Version   int                 `json:"version"`
	Position  eventstore.Position `json:"position"`
	Handled   int64               `json:"handled"`
	Dead      int64               `json:"dead,omitempty"`
	EventTime int64               `json:"event_time,omitempty"` // of the last event, microseconds since 1970
	Changed   int64               `json:"changed"`
	Failed    string              `json:"failed,omitempty"`   // why it halted
	Restored  bool                `json:"restored,omitempty"` // the log does not have Position

	mark string
}

func headKey(name string) string { return name }

func pageKey(name string, g Generation) string { return name + "/" + strconv.FormatInt(int64(g), 10) }

func load(ctx context.Context, b book, key string, into any) (mark string, err error) {
	value, mark, err := b.get(ctx, key)
	if err != nil {
		return "", err
	}
	return mark, json.Unmarshal(value, into)
}

func save(ctx context.Context, b book, key, mark string, v any) (string, error) {
	value, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return b.swap(ctx, key, mark, value)
}

func loadHead(ctx context.Context, b book, name string) (h head, err error) {
	h.mark, err = load(ctx, b, headKey(name), &h)
	return h, err
}

func loadPage(ctx context.Context, b book, name string, g Generation) (p page, err error) {
	p.mark, err = load(ctx, b, pageKey(name, g), &p)
	return p, err
}
