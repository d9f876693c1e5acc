package wire

import (
	"fmt"

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

// Pipelining is how commands of many callers share pipelines. The client keeps
// the first one that anybody asks it for.
func Pipelining() *redis.AutoPipelineOptions {
	o := redis.DefaultBlockingAutoPipelineOptions()
	o.MaxQueuedCommands = 100_000 // memory is bounded also where the server is slower than its callers
	return o
}
