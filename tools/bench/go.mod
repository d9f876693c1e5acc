module github.com/lexigram/lexigram-go/tools/bench

go 1.26.0

require (
	github.com/ThreeDotsLabs/watermill v1.5.1
	github.com/ThreeDotsLabs/watermill-nats/v2 v2.1.3
	github.com/ThreeDotsLabs/watermill-sql/v4 v4.1.2
	github.com/alexliesenfeld/health v0.8.0
	github.com/cenkalti/backoff/v5 v5.0.3
	github.com/dgraph-io/ristretto/v2 v2.4.2
	github.com/failsafe-go/failsafe-go v0.9.8
	github.com/georgysavva/scany/v2 v2.1.4
	github.com/go-redis/cache/v9 v9.0.0
	github.com/jackc/pgx/v5 v5.12.0
	github.com/knadh/koanf/v2 v2.4.1
	github.com/lexigram/lexigram-go/contracts v0.1.0
	github.com/lexigram/lexigram-go/core v0.1.0
	github.com/lexigram/lexigram-go/lexigram-cache v0.0.0-00010101000000-000000000000
	github.com/lexigram/lexigram-go/lexigram-cache/memorycache v0.1.0
	github.com/lexigram/lexigram-go/lexigram-cache/rediscache v0.1.0
	github.com/lexigram/lexigram-go/lexigram-events v0.1.0
	github.com/lexigram/lexigram-go/lexigram-events/natsevents v0.1.0
	github.com/lexigram/lexigram-go/lexigram-sql v0.0.0-00010101000000-000000000000
	github.com/lexigram/lexigram-go/lexigram-sql/postgres v0.0.0-00010101000000-000000000000
	github.com/lexigram/lexigram-go/lexigram-vector v0.1.0
	github.com/maypok86/otter/v2 v2.4.0
	github.com/nats-io/nats.go v1.55.0
	github.com/oklog/ulid/v2 v2.1.2
	github.com/openai/openai-go/v3 v3.96.0
	github.com/philippgille/chromem-go v0.7.0
	github.com/redis/go-redis/v9 v9.23.0
	github.com/redis/rueidis v1.0.79
	github.com/samber/do/v2 v2.0.0
	github.com/sashabaranov/go-openai v1.43.0
	github.com/sony/gobreaker/v2 v2.4.0
	github.com/spf13/viper v1.21.0
	github.com/uptrace/bun v1.3.0
	github.com/uptrace/bun/dialect/pgdialect v1.3.0
	go.uber.org/dig v1.19.0
	go.uber.org/fx v1.24.0
	gorm.io/driver/postgres v1.6.3
	gorm.io/gorm v1.31.2
)

require (
	github.com/bits-and-blooms/bitset v1.24.4 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/coder/websocket v1.8.15 // indirect
	github.com/dustin/go-humanize v1.0.1 // indirect
	github.com/fsnotify/fsnotify v1.9.0 // indirect
	github.com/go-viper/mapstructure/v2 v2.4.0 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/jinzhu/inflection v1.0.0 // indirect
	github.com/jinzhu/now v1.1.5 // indirect
	github.com/klauspost/compress v1.20.0 // indirect
	github.com/knadh/koanf/maps v0.1.2 // indirect
	github.com/lib/pq v1.10.9 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/mitchellh/copystructure v1.2.0 // indirect
	github.com/mitchellh/reflectwalk v1.0.2 // indirect
	github.com/nats-io/nkeys v0.4.16 // indirect
	github.com/nats-io/nuid v1.0.1 // indirect
	github.com/ncruces/go-strftime v1.0.0 // indirect
	github.com/pelletier/go-toml/v2 v2.2.4 // indirect
	github.com/puzpuzpuz/xsync/v3 v3.5.1 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	github.com/sagikazarmark/locafero v0.11.0 // indirect
	github.com/sony/gobreaker v1.0.0 // indirect
	github.com/sourcegraph/conc v0.3.1-0.20240121214520-5f936abd7ae8 // indirect
	github.com/spf13/afero v1.15.0 // indirect
	github.com/spf13/cast v1.10.0 // indirect
	github.com/spf13/pflag v1.0.10 // indirect
	github.com/subosito/gotenv v1.6.0 // indirect
	github.com/tidwall/gjson v1.20.0 // indirect
	github.com/tidwall/match v1.1.1 // indirect
	github.com/tidwall/pretty v1.2.1 // indirect
	github.com/tidwall/sjson v1.2.5 // indirect
	github.com/tmthrgd/go-hex v0.0.0-20190904060850-447a3041c3bc // indirect
	github.com/vmihailenco/go-tinylfu v0.2.2 // indirect
	github.com/vmihailenco/msgpack/v5 v5.4.1 // indirect
	github.com/vmihailenco/tagparser/v2 v2.0.0 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	go.uber.org/multierr v1.10.0 // indirect
	go.uber.org/zap v1.26.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/crypto v0.57.0 // indirect
	golang.org/x/sync v0.23.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
	golang.org/x/text v0.42.0 // indirect
	modernc.org/libc v1.77.1 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
	modernc.org/sqlite v1.60.0 // indirect
)

require (
	github.com/google/uuid v1.6.0
	github.com/lexigram/lexigram-go/lexigram-ai v0.1.0
	github.com/lexigram/lexigram-go/lexigram-sql/sqlite v0.1.0
	github.com/lithammer/shortuuid/v3 v3.0.7 // indirect
	github.com/oklog/ulid v1.3.1 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/samber/go-type-to-string v1.8.0 // indirect
)

replace github.com/lexigram/lexigram-go/contracts => ../../contracts

replace github.com/lexigram/lexigram-go/core => ../../core

replace github.com/lexigram/lexigram-go/core/yamlconfig => ../../core/yamlconfig

replace github.com/lexigram/lexigram-go/lexigram-ai => ../../lexigram-ai

replace github.com/lexigram/lexigram-go/lexigram-cache => ../../lexigram-cache

replace github.com/lexigram/lexigram-go/lexigram-cache/memorycache => ../../lexigram-cache/memorycache

replace github.com/lexigram/lexigram-go/lexigram-cache/rediscache => ../../lexigram-cache/rediscache

replace github.com/lexigram/lexigram-go/lexigram-events => ../../lexigram-events

replace github.com/lexigram/lexigram-go/lexigram-events/natsevents => ../../lexigram-events/natsevents

replace github.com/lexigram/lexigram-go/lexigram-sql => ../../lexigram-sql

replace github.com/lexigram/lexigram-go/lexigram-sql/postgres => ../../lexigram-sql/postgres

replace github.com/lexigram/lexigram-go/lexigram-sql/sqlite => ../../lexigram-sql/sqlite

replace github.com/lexigram/lexigram-go/lexigram-storage => ../../lexigram-storage

replace github.com/lexigram/lexigram-go/lexigram-tenancy => ../../lexigram-tenancy

replace github.com/lexigram/lexigram-go/lexigram-vector => ../../lexigram-vector
