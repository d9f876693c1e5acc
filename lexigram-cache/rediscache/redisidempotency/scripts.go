package redisidempotency

import "github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"

// A record is a hash of token, fingerprint, at and until, in microseconds of the
// server's clock, and of result if it is complete. It expires with what it holds.

// clock begins every script. seen returns the record, and whether it is the caller's.
const clock = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local r = redis.call('HMGET', KEYS[1], 'token', 'fingerprint', 'result', 'at', 'until')
local live = r[1] and tonumber(r[5]) > now
local own = live and r[1] == ARGV[1]
local function last(ttl)
  r[5] = string.format('%.0f', now + ttl * 1000)
  redis.call('HSET', KEYS[1], 'until', r[5])
  redis.call('PEXPIRE', KEYS[1], ttl)
end
local function seen()
  return {own and 1 or 0, r[2], r[3] and 1 or 0, r[3] or '', r[4], r[5]}
end
`

// acquire takes token, ttl in milliseconds and fingerprint.
var acquire = wire.NewScript(clock + `
if not live then
  own, r[2], r[3], r[4] = true, ARGV[3], false, string.format('%.0f', now)
  if r[1] then -- it ended in this very millisecond
    redis.call('DEL', KEYS[1])
  end
  redis.call('HSET', KEYS[1], 'token', ARGV[1], 'fingerprint', r[2], 'at', r[4])
  last(ARGV[2])
elseif own and not r[3] then
  last(ARGV[2])
end
return seen()
`)

// complete takes token, ttl in milliseconds and result, and returns whether the claim is held, or was complete.
var complete = wire.NewScript(clock + `
if not own then
  return 0
end
if not r[3] then
  redis.call('HSET', KEYS[1], 'result', ARGV[3])
  last(ARGV[2])
end
return 1
`)

// release takes token.
var release = wire.NewScript(clock + `
if own and not r[3] then
  redis.call('DEL', KEYS[1])
end
return 1
`)

// get returns the record, or nothing.
var get = wire.NewScript(clock + `
if not live then
  return {}
end
return seen()
`)
