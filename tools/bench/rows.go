package main

import "slices"

// rows returns everything that is measured, in the order of the report.
func rows() []row {
	return append([]row{
		resolveRow(),
		scopeRow(),
		idsRow(),
		lifecycleRow(),
		configRow(),
		policiesRow(),
		timeoutRow(),
		breakerRow(),
		retryRow(),
		healthRow(),
		localHitRow(),
		typedHitRow(),
		stampedeRow(),
		publishRow(),
		exactRow(),
		sqlOneRow(),
		sqlManyRow(),
		chatRow(),
	}, slices.Concat(onServer(), onRedis(), onNATS())...)
}

// peers are the modules that stand beside ours.
var peers = [...]string{
	"github.com/samber/do/v2",
	"go.uber.org/dig",
	"github.com/google/uuid",
	"github.com/oklog/ulid/v2",
	"go.uber.org/fx",
	"github.com/knadh/koanf/v2",
	"github.com/spf13/viper",
	"github.com/failsafe-go/failsafe-go",
	"github.com/sony/gobreaker/v2",
	"github.com/cenkalti/backoff/v5",
	"github.com/alexliesenfeld/health",
	"github.com/maypok86/otter/v2",
	"github.com/dgraph-io/ristretto/v2",
	"github.com/ThreeDotsLabs/watermill",
	"github.com/ThreeDotsLabs/watermill-nats/v2",
	"github.com/ThreeDotsLabs/watermill-sql/v4",
	"github.com/nats-io/nats.go",
	"github.com/philippgille/chromem-go",
	"github.com/sashabaranov/go-openai",
	"github.com/openai/openai-go/v3",
	"modernc.org/sqlite",
	"github.com/jackc/pgx/v5",
	"github.com/georgysavva/scany/v2",
	"github.com/uptrace/bun",
	"gorm.io/gorm",
	"github.com/redis/go-redis/v9",
	"github.com/redis/rueidis",
	"github.com/go-redis/cache/v9",
}

func isPeer(path string) bool { return slices.Contains(peers[:], path) }
