package library

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/storage"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
)

// Options are what a Library works with. All but the last four are required
// and already keep tenants apart, except Keys.
type Options struct {
	DB      sqldb.DB         // of the tenant of the context
	Keys    sqldb.DB         // of all tenants: keys are checked before there is a tenant
	Blobs   storage.Store    // of the tenant
	Vectors vector.Store     // of the tenant
	Search  search.Engine    // of the tenant
	Cache   cache.Store      // of the tenant
	Outbox  events.Publisher // joins the transaction of DB
	Bus     events.Publisher // activity: may be lost
	Tenants tenancy.Directory
	Embed   ai.Embedder
	Chat    ai.ChatModel

	MaxDocument int64                                         // bytes; 0 means 16 MiB
	MaxQuestion int                                           // bytes; 0 means 2,000
	Logger      *slog.Logger                                  // nil discards
	At          func(ctx context.Context, point string) error // for fault tests: called between steps; nil does nothing
}

// A Library stores documents and answers questions about them. It is safe for
// concurrent use. Make one with [New].
type Library struct {
	o        Options
	answers  *loading.Cache[Answer]
	handled  atomic.Int64
	stopping atomic.Bool // index gives up between batches
}

// New returns a Library. It starts nothing: the caller subscribes [Library.Handle].
func New(o Options) (*Library, error) {
	for _, required := range []any{o.DB, o.Keys, o.Blobs, o.Vectors, o.Search, o.Cache, o.Outbox, o.Bus, o.Tenants, o.Embed, o.Chat} {
		if required == nil {
			return nil, errors.New("askdocs: an option of the library is missing")
		}
	}
	o.MaxDocument = cmp.Or(o.MaxDocument, 16<<20)
	o.MaxQuestion = cmp.Or(o.MaxQuestion, 2000)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.At == nil {
		o.At = func(context.Context, string) error { return nil }
	}
	answers, err := loading.New[Answer](o.Cache, loading.Options{Prefix: "answer:", TTL: time.Hour})
	if err != nil {
		return nil, err
	}
	return &Library{o: o, answers: answers}, nil
}

// MaxDocument returns the largest document in bytes.
func (l *Library) MaxDocument() int64 { return l.o.MaxDocument }
