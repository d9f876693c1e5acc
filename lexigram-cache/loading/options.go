package loading

import (
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/codec"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// Options say how values are kept. The zero value keeps them until they are
// evicted, as JSON, in the store alone, and remembers no absence.
type Options struct {
	// TTL is how long a value is used. 0 keeps it until it is evicted or forgotten.
	TTL time.Duration
	// SoftTTL is the age from which a value is refreshed in the background while
	// it is still used: less than TTL, and at least a millisecond. 0 is TTL.
	SoftTTL time.Duration
	// EarlyRefresh is the beta of XFetch (Vattani, Chierichetti, Lowenstein:
	// "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015): each use of
	// a value may refresh it in the background before SoftTTL, the likelier the
	// closer that is and the longer the load took. 1 is the paper's choice, 0 is never.
	EarlyRefresh float64
	// StaleIfError is how long after its TTL a value is still used when the load
	// that replaces it fails. 0 is never. It needs a TTL.
	StaleIfError time.Duration
	// Jitter shortens each ttl by a random share of up to Jitter, at least 0
	// and less than 1, so that what was loaded together does not expire together.
	Jitter float64
	// NegativeTTL is how long an absence is remembered: load returned an error
	// that wraps NotFound. 0 remembers none.
	NegativeTTL time.Duration
	// NotFound is what load's error wraps if there is no such value, and what
	// the error of a remembered absence wraps. Required if NegativeTTL is set.
	NotFound error

	// Prefix begins every key in the store. Two caches over one store need two prefixes.
	Prefix string
	// Shared has tenants share what is loaded. Without it callers in contexts of
	// different tenants ([tenancy.From]), and those of none, never share a load or an entry.
	Shared bool
	// Tags are those of every entry, beside the ones that Fetch is given.
	Tags []string

	// Local holds decoded values in this process, this cache's alone; nil holds
	// none. Callers share the values and must not change them.
	Local cache.Local
	// LocalTTL is how long Local may hold a value if the store is no
	// [cache.Watcher]. 0 is a second. Other stores tell when an entry changes.
	LocalTTL time.Duration
	// Lease is how long other processes wait for one that has died while it
	// loaded. 0 is 10 s. A load may take longer: its lease is renewed.
	Lease time.Duration

	// Codec writes values for the store; nil is that of encoding/json.
	Codec codec.Codec
	// CompressOver is the number of bytes over which a written value is
	// compressed (DEFLATE), if that makes it smaller. 0 compresses nothing.
	CompressOver int

	// Name tells this cache from others in reports. "" is Prefix.
	Name string
	// Observer counts "cache.loading" with the attributes "result" (those of
	// [Stats] but hits, which are the gauges "cache.loading.local_hits" and
	// "cache.loading.store_hits") and "cache", and times each "cache.loading.load".
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
	for name, ttl := range map[string]time.Duration{
		"TTL": o.TTL, "SoftTTL": o.SoftTTL, "StaleIfError": o.StaleIfError, "NegativeTTL": o.NegativeTTL, "LocalTTL": o.LocalTTL, "Lease": o.Lease,
	} {
		if cache.CheckTTL(ttl) != nil {
			v.Add(name, "must be 0 or at least a millisecond", "")
		}
	}
	if o.SoftTTL > 0 && o.TTL > 0 && o.SoftTTL >= o.TTL {
		v.Add("SoftTTL", "must be less than TTL", "")
	}
	if o.StaleIfError > 0 && o.TTL == 0 {
		v.Add("StaleIfError", "needs a TTL: what never ends is not used afterwards", "")
	}
	if !(o.EarlyRefresh >= 0 && o.EarlyRefresh <= 100) {
		v.Add("EarlyRefresh", "must be 0 to 100; 1 is usual", "")
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
	if o.CompressOver < 0 {
		v.Add("CompressOver", "must not be negative; 0 compresses nothing", "")
	}
	if checkTags(o.Tags) != nil {
		v.Add("Tags", "must be at most 16 of 1 to 255 bytes", "")
	}
	if err := v.Err(); err != nil {
		return err
	}
	o.fill()
	return nil
}

// fill sets the defaults.
func (o *Options) fill() {
	if o.Codec == nil {
		o.Codec = jsonCodec{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.LocalTTL == 0 {
		o.LocalTTL = time.Second
	}
	if o.Lease == 0 {
		o.Lease = 10 * time.Second
	}
	if o.Name == "" {
		o.Name = o.Prefix
	}
}

// shorten applies the jitter.
func (o *Options) shorten(ttl time.Duration) time.Duration {
	if ttl == 0 || o.Jitter == 0 {
		return ttl
	}
	return max(ttl-time.Duration(rand.Float64()*o.Jitter*float64(ttl)), time.Millisecond)
}

// jsonCodec is encoding/json as a [codec.Codec].
type jsonCodec struct{}

func (jsonCodec) Marshal(v any) ([]byte, error)         { return json.Marshal(v) }
func (jsonCodec) Unmarshal(data []byte, into any) error { return json.Unmarshal(data, into) }

// An Option changes one call.
type Option struct{ tag string }

// Tag has the entry, if it is loaded, end with the group named tag, which has 1
// to 255 bytes: see [Cache.ForgetTags]. An entry has at most 16 tags. Tags are
// of the tenant, as keys are.
func Tag(tag string) Option { return Option{tag} }
