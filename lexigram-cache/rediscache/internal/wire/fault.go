// Package wire is what the packages of this module have in common: what goes
// over the wire to Redis, and what its errors mean.
package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of a server or of the way to it; package redisclient documents them.
var (
	Err                = errs.New("LEX_ERR_REDIS_001", errs.Unknown, "redis")
	ErrUnavailable     = Err.Sub("LEX_ERR_REDIS_002", errs.Unavailable, "redis: unavailable")
	ErrDenied          = Err.Sub("LEX_ERR_REDIS_003", errs.Denied, "redis: denied")
	ErrUnauthenticated = Err.Sub("LEX_ERR_REDIS_004", errs.Unauthenticated, "redis: unauthenticated")
	ErrMemory          = Err.Sub("LEX_ERR_REDIS_005", errs.Exhausted, "redis: out of memory")
	ErrCluster         = Err.Sub("LEX_ERR_REDIS_006", errs.Invalid, "redis: cluster")
)

// Fault returns what err, of a command that was given ctx, means: an error that
// wraps the cause of ctx if ctx has ended, and otherwise one of this package's.
func Fault(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case late(ctx):
		return context.DeadlineExceeded // the connection was a moment ahead of ctx
	case redis.IsAuthError(err):
		return ErrUnauthenticated.Wrap(err, "redis")
	case redis.IsPermissionError(err):
		return ErrDenied.Wrap(err, "redis")
	case redis.IsOOMError(err):
		return ErrMemory.Wrap(err, "redis")
	case unavailable(err):
		return ErrUnavailable.Wrap(err, "redis")
	}
	return Err.Wrap(err, "redis")
}

func late(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ok && !time.Now().Before(end)
}

// unavailable reports whether a server is missing or cannot answer for now.
func unavailable(err error) bool {
	var answer redis.Error
	if !errors.As(err, &answer) {
		var network net.Error
		return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
			errors.Is(err, net.ErrClosed) || errors.Is(err, redis.ErrClosed) || errors.Is(err, redis.ErrPoolTimeout) ||
			errors.Is(err, redis.ErrPoolExhausted) || errors.Is(err, redis.ErrAutoPipelineTimeout) || errors.Is(err, redis.ErrAutoPipelineQueueFull) || errors.Is(err, context.DeadlineExceeded)
	}
	for _, is := range []func(error) bool{
		redis.IsLoadingError, redis.IsReadOnlyError, redis.IsClusterDownError, redis.IsTryAgainError,
		redis.IsMasterDownError, redis.IsMaxClientsError, redis.IsNoReplicasError,
	} {
		if is(err) {
			return true
		}
	}
	_, moved := redis.IsMovedError(err)
	_, asked := redis.IsAskError(err)
	return moved || asked
}
