package redislock

import "github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"

// A name is a hash of its last fence, and of owner, at and until, in microseconds
// of the server's clock, of its lease. Numbers are below 1<<53, or nearly right.

// clock begins every script.
const clock = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local lease = redis.call('HMGET', KEYS[1], 'owner', 'until', 'fence', 'at')
local live = lease[1] and tonumber(lease[2]) > now
`

// acquire takes owner, ttl and keep, in milliseconds, and returns the fence, or 0 if
// another owner has the name.
var acquire = wire.NewScript(clock + `
if live and lease[1] ~= ARGV[1] then
  return 0
end
local fence = tonumber(lease[3] or 0)
if not live then
  fence = math.max(fence + 1, now)
  redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'fence', string.format('%.0f', fence), 'at', string.format('%.0f', now))
end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + ARGV[2] * 1000))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[2] + ARGV[3]))
return fence
`)

// extend takes owner, ttl and keep, and returns whether owner has the lease.
var extend = wire.NewScript(clock + `
if not live or lease[1] ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + ARGV[2] * 1000))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[2] + ARGV[3]))
return 1
`)

// release takes owner and keep, and says so to those who wait.
var release = wire.NewScript(clock + `
if live and lease[1] == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'owner', 'until', 'at')
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  redis.call('PUBLISH', KEYS[1], '')
end
return 1
`)

// inspect returns owner, fence, at, until and now, or nothing.
var inspect = wire.NewScript(clock + `
if not live then
  return {}
end
return {lease[1], lease[3], lease[4], lease[2], string.format('%.0f', now)}
`)
