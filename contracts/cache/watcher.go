package cache

import (
	"context"
	"time"
)

// A Watcher is a [Store] that tells when its entries change, whoever changes
// them: whoever keeps copies of entries watches it to drop them.
type Watcher interface {
	Store
	// Watch calls changed with the key of each entry that is set or deleted, by
	// this process or another, until ctx ends or it can no longer tell. It calls changed("") when every key may have changed, and as its
	// first call, when from then on nothing is missed: who keeps copies has none
	// older than that call. An entry that is evicted, or whose ttl passes, may be
	// reported or not.
	//
	// Calls of changed are one at a time; it must not block and must not use the
	// store. A key may be reported more often than it changed. Watch returns only
	// an error: one wrapping the cause of ctx if that ended, and otherwise why it
	// lost sight, after which the caller drops every copy and may call it again.
	// Nothing is reported after Watch has returned.
	Watch(ctx context.Context, changed func(key string)) error
	// MaxStaleness is how long after an entry has changed Watch reports it or
	// returns at the latest, lost connections included. It never changes; zero
	// means before the write returns.
	MaxStaleness() time.Duration
}
