package wire

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

var errClient = Err.Sub("LEX_ERR_REDIS_007", errs.Invalid, "redis: client")

// CheckClient returns an error unless the stores can work on client. A ring has a
// part of the keys on each of several servers that do not know of each other, and moves them as it likes.
func CheckClient(client redis.UniversalClient) error {
	switch c := client.(type) {
	case *redis.Client:
		if c != nil {
			return nil
		}
	case *redis.ClusterClient:
		if c != nil {
			return nil
		}
	}
	return errClient.Wrap(nil, "%s", fmt.Sprintf("client is a %T: use a *redis.Client or *redis.ClusterClient", client))
}

// Greet connects, and checks that a server that is opened alone is alone.
func Greet(ctx context.Context, client redis.UniversalClient) error {
	if err := client.Ping(ctx).Err(); err != nil {
		return Fault(ctx, err)
	}
	if _, alone := client.(*redis.Client); !alone {
		return nil
	}
	info, err := client.Info(ctx, "cluster").Result()
	switch {
	case redis.IsPermissionError(err): // an ACL user who may not ask
		return nil
	case err != nil:
		return Fault(ctx, err)
	case strings.Contains(info, "cluster_enabled:1"):
		return ErrCluster.Wrap(nil, "the server is a node of a cluster: set cluster to true")
	}
	return nil
}

// Pipelining is how commands of many callers share pipelines. The client keeps
// the first one that anybody asks it for.
func Pipelining() *redis.AutoPipelineOptions {
	o := redis.DefaultBlockingAutoPipelineOptions()
	o.MaxQueuedCommands = 100_000 // memory is bounded also where the server is slower than its callers
	return o
}
