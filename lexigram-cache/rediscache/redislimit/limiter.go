package redislimit

import (
	"cmp"
	"context"
	"math"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

var (
	_ resilience.Limiter = (*Limiter)(nil)
	_ health.Checker     = (*Limiter)(nil)
)

// A Limiter is a [resilience.Limiter] in Redis, by the server's clock. It fails
// closed. A key is there as long as it owes events, and no longer. It is safe for
// concurrent use; the zero value is not usable. It owns nothing: who made the client closes it.
type Limiter struct {
	client   redis.UniversalClient
	space    string
	capacity int
	interval float64 // microseconds until one event has come back
	slack    float64 // events that rounding may add up to
}

// New returns a limiter on client, which stays the caller's: a *redis.Client or a
// *redis.ClusterClient. The error is an errs.ValidationError if rate or opts are not valid.
func New(client redis.UniversalClient, rate resilience.Rate, opts Options) (*Limiter, error) {
	if err := rate.Validate(); err != nil {
		return nil, resilience.Err.Wrap(err, "redislimit: rate")
	}
	if err := opts.Validate(); err != nil {
		return nil, resilience.Err.Wrap(err, "redislimit: options")
	}
	if err := wire.CheckClient(client); err != nil {
		return nil, resilience.Err.Wrap(err, "redislimit: new")
	}
	return &Limiter{
		client:   client,
		space:    wire.Space(opts.Prefix, "limit") + cmp.Or(opts.Name, "default") + ":",
		capacity: rate.Capacity(),
		interval: float64(rate.Per) / float64(rate.Events) / 1e3,
		slack:    1e-9 + float64(rate.Capacity())*1e-12,
	}, nil
}

// allow is GCRA with the arrival time told as what is owed at a time, in events and
// in microseconds, so that neither loses precision. It takes n, the most that may be
// owed, and the microseconds in which one event comes back; it returns whether n were
// taken, and what is owed. Time that goes back gives nothing back.
var allow = wire.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local owed = 0
local value = redis.call('GET', KEYS[1])
if value then
  local then_, at = string.match(value, '(%S+) (%S+)')
  owed = math.max(0, then_ - math.max(0, now - at) / ARGV[3])
end
if owed + ARGV[1] > tonumber(ARGV[2]) then
  return {0, string.format('%.17g', owed)}
end
owed = owed + ARGV[1]
redis.call('SET', KEYS[1], string.format('%.17g %.0f', owed, now), 'PX', string.format('%.0f', math.ceil(owed * ARGV[3] / 1000) + 1))
return {1, string.format('%.17g', owed)}
`)

// Allow takes n events from what key has left; see [resilience.Limiter]. Errors wrap
// [resilience.ErrInvalid], the cause of a ctx that has ended, or one of package
// redisclient: n may have been taken then, and is not asked for twice.
func (l *Limiter) Allow(ctx context.Context, key string, n int) (resilience.Decision, error) {
	if err := resilience.CheckAllow(key, n, l.capacity); err != nil {
		return resilience.Decision{}, err
	}
	if ctx.Err() != nil {
		return resilience.Decision{}, resilience.Err.Wrap(context.Cause(ctx), "redislimit: allow %.40q", key)
	}
	reply, err := allow.RunOnce(ctx, l.client, l.space+key, n, number(float64(l.capacity)+l.slack), number(l.interval)).Slice()
	if err != nil {
		return resilience.Decision{}, resilience.Err.Wrap(wire.Fault(ctx, err), "redislimit: allow %.40q", key)
	}
	return l.decision(reply, key, n)
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', 17, 64) }

// decision reads what the script returned.
func (l *Limiter) decision(reply []any, key string, n int) (resilience.Decision, error) {
	if len(reply) == 2 {
		taken, isInt := reply[0].(int64)
		text, isText := reply[1].(string)
		owed, err := strconv.ParseFloat(text, 64)
		if isInt && isText && err == nil {
			d := resilience.Decision{
				Allowed: taken == 1, Limit: l.capacity,
				Remaining:  max(0, int(float64(l.capacity)-owed+l.slack)),
				ResetAfter: l.pause(owed),
			}
			if !d.Allowed {
				d.RetryAfter = l.pause(owed + float64(n) - float64(l.capacity))
			}
			return d, nil
		}
	}
	return resilience.Decision{}, resilience.Err.Wrap(nil, "redislimit: allow %.40q: the reply is not what the script returns", key)
}

// pause returns how long it takes until events have come back.
func (l *Limiter) pause(events float64) time.Duration {
	return time.Duration(math.Ceil(min(events*l.interval, math.MaxInt64/2e3))) * time.Microsecond
}

// CheckHealth asks the server, or each master of a cluster, to answer: Unhealthy if
// none does, Degraded if some do not.
func (l *Limiter) CheckHealth(ctx context.Context) health.Result {
	return wire.Health(ctx, l.client, false)
}
