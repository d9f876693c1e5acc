package loading

import (
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// Options say how values are kept. The zero value keeps them until they are
// evicted, as JSON, and remembers no absence.
type Options struct {
	// TTL is how long a value is used. 0 keeps it until it is evicted or forgotten.
	TTL time.Duration
	// Jitter shortens each ttl by a random share of up to Jitter, at least 0
	// and less than 1, so that what was loaded together does not expire together.
	Jitter float64
	// Prefix begins every key in the store. Two caches over one store need two prefixes.
	Prefix string
	// NegativeTTL is how long an absence is remembered: load returned an error
	// that wraps NotFound. 0 remembers none.
	NegativeTTL time.Duration
	// NotFound is what load's error wraps if there is no such value, and what
	// the error of a remembered absence wraps. Required if NegativeTTL is set.
	NotFound error
	// Marshal and Unmarshal are the codec; nil is that of encoding/json. They
	// are safe for concurrent use and set both or neither.
	Marshal   func(value any) ([]byte, error)
	Unmarshal func(data []byte, into any) error
	// Observer counts "cache.loading" with the attribute "result": hit,
	// absent, miss, corrupt or failed; and times each "cache.loading.load".
	Observer observe.Observer
	// Logger gets a warning for what is corrupt or failed, with the key and
	// without the value. nil logs nothing.
	Logger *slog.Logger
}

// maxPrefix leaves room for keys.
const maxPrefix = 512

// validate returns an [errs.ValidationError], or fills in the defaults.
func (o *Options) validate() error {
	var v errs.ValidationError
	if cache.CheckTTL(o.TTL) != nil {
		v.Add("TTL", "must be 0 or at least a millisecond", "")
	}
	if cache.CheckTTL(o.NegativeTTL) != nil {
		v.Add("NegativeTTL", "must be 0 or at least a millisecond", "")
	}
	if !(o.Jitter >= 0 && o.Jitter < 1) {
		v.Add("Jitter", "must be at least 0 and less than 1: it is a share of the ttl", "")
	}
	if len(o.Prefix) > maxPrefix {
		v.Add("Prefix", "must have at most 512 bytes", "")
	}
	if o.NegativeTTL > 0 && o.NotFound == nil {
		v.Add("NotFound", "is required beside NegativeTTL: name the error of what does not exist", "REQUIRED")
	}
	if (o.Marshal == nil) != (o.Unmarshal == nil) {
		v.Add("Marshal", "and Unmarshal must be set both or neither", "")
	}
	if o.Marshal == nil {
		o.Marshal, o.Unmarshal = json.Marshal, json.Unmarshal
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return v.Err()
}

// shorten applies the jitter.
func (o *Options) shorten(ttl time.Duration) time.Duration {
	if ttl == 0 || o.Jitter == 0 {
		return ttl
	}
	return max(ttl-time.Duration(rand.Float64()*o.Jitter*float64(ttl)), time.Millisecond)
}
