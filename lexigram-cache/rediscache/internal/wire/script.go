package wire

import (
	"context"
	"crypto/sha1" //nolint:gosec // it names a script, as EVALSHA has it
	"encoding/hex"

	"github.com/redis/go-redis/v9"
)

// A Script is Lua that a server keeps once it has run. It is safe for concurrent use.
type Script struct{ source, sha string }

// NewScript returns the script that source is.
func NewScript(source string) *Script {
	sum := sha1.Sum([]byte(source)) //nolint:gosec // see above
	return &Script{source, hex.EncodeToString(sum[:])}
}

// Run runs the script on the key, and sends its source only to a server that has not
// seen it. It may be sent twice where its answer was lost: what it does is the same when it is done again.
func (s *Script) Run(ctx context.Context, client redis.UniversalClient, key string, args ...any) *redis.Cmd {
	return s.run(ctx, client, func(cmd *redis.Cmd) redis.Cmder { return cmd }, key, args)
}

// RunOnce is Run of a script that must not be sent twice.
func (s *Script) RunOnce(ctx context.Context, client redis.UniversalClient, key string, args ...any) *redis.Cmd {
	return s.run(ctx, client, func(cmd *redis.Cmd) redis.Cmder { return once{cmd} }, key, args)
}

func (s *Script) run(ctx context.Context, client redis.UniversalClient, as func(*redis.Cmd) redis.Cmder, key string, args []any) *redis.Cmd {
	all := append([]any{"evalsha", s.sha, 1, key}, args...)
	cmd := redis.NewCmd(ctx, all...)
	if err := client.Process(ctx, as(cmd)); redis.HasErrorPrefix(err, "NOSCRIPT") {
		all[0], all[1] = "eval", s.source
		cmd = redis.NewCmd(ctx, all...)
		_ = client.Process(ctx, as(cmd)) // which cmd has
	}
	return cmd
}

// once is a command that is not sent again when its answer was lost.
type once struct{ redis.Cmder }

// NoRetry implements redis.Cmder.
func (once) NoRetry() bool { return true }

// Once has cmd done, and does not send it again when its answer was lost.
func Once(ctx context.Context, client redis.UniversalClient, cmd redis.Cmder) error {
	return client.Process(ctx, once{cmd})
}
