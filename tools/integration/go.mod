module github.com/lexigram/lexigram-go/tools/integration

go 1.26.0

require (
	github.com/chromedp/chromedp v0.23.0
	github.com/jackc/pgx/v5 v5.12.0
	github.com/lexigram/lexigram-go/core v0.1.0
	github.com/lexigram/lexigram-go/lexigram-cache v0.1.0
	github.com/lexigram/lexigram-go/lexigram-cache/memorycache v0.1.0
	github.com/lexigram/lexigram-go/lexigram-cache/rediscache v0.1.0
	github.com/lexigram/lexigram-go/lexigram-events v0.1.0
	github.com/lexigram/lexigram-go/lexigram-events/natsevents v0.1.0
	github.com/lexigram/lexigram-go/lexigram-sql v0.1.0
	github.com/lexigram/lexigram-go/lexigram-sql/sqlite v0.1.0
	github.com/lexigram/lexigram-go/lexigram-storage v0.1.0
	github.com/lexigram/lexigram-go/lexigram-tenancy v0.1.0
	github.com/lexigram/lexigram-go/lexigram-vector v0.1.0
	github.com/nats-io/nats-server/v2 v2.15.2
	github.com/nats-io/nats.go v1.55.0
	github.com/nats-io/nkeys v0.4.16
	github.com/redis/go-redis/v9 v9.23.0
	go.uber.org/goleak v1.3.0
)

require (
	github.com/antithesishq/antithesis-sdk-go v0.8.0-default-no-op // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/dustin/go-humanize v1.0.1 // indirect
	github.com/google/go-tpm v0.9.8 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/maypok86/otter/v2 v2.4.0 // indirect
	github.com/minio/highwayhash v1.0.4 // indirect
	github.com/nats-io/jwt/v2 v2.8.2 // indirect
	github.com/nats-io/nuid v1.0.1 // indirect
	github.com/ncruces/go-strftime v1.0.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	go.uber.org/atomic v1.12.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/time v0.16.0 // indirect
	modernc.org/libc v1.77.1 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
	modernc.org/sqlite v1.60.0 // indirect
)

require (
	github.com/chromedp/cdproto v0.159.0 // indirect
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/lexigram/lexigram-go/contracts v0.1.0
	github.com/lexigram/lexigram-go/lexigram-events/eventssqltest v0.1.0
	github.com/lexigram/lexigram-go/lexigram-sql/datasqltest v0.1.0
	github.com/lexigram/lexigram-go/lexigram-sql/migratesqltest v0.1.0
	github.com/lexigram/lexigram-go/lexigram-sql/postgres v0.1.0
	github.com/lexigram/lexigram-go/lexigram-tenancy/tenancysqltest v0.1.0
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/lexigram/lexigram-go/contracts => ../../contracts

replace github.com/lexigram/lexigram-go/core => ../../core

replace github.com/lexigram/lexigram-go/core/appcli => ../../core/appcli

replace github.com/lexigram/lexigram-go/core/yamlconfig => ../../core/yamlconfig

replace github.com/lexigram/lexigram-go/lexigram-ai => ../../lexigram-ai

replace github.com/lexigram/lexigram-go/lexigram-cache => ../../lexigram-cache

replace github.com/lexigram/lexigram-go/lexigram-cache/memorycache => ../../lexigram-cache/memorycache

replace github.com/lexigram/lexigram-go/lexigram-cache/rediscache => ../../lexigram-cache/rediscache

replace github.com/lexigram/lexigram-go/lexigram-events => ../../lexigram-events

replace github.com/lexigram/lexigram-go/lexigram-events/eventssqltest => ../../lexigram-events/eventssqltest

replace github.com/lexigram/lexigram-go/lexigram-events/natsevents => ../../lexigram-events/natsevents

replace github.com/lexigram/lexigram-go/lexigram-sql => ../../lexigram-sql

replace github.com/lexigram/lexigram-go/lexigram-sql/datasqltest => ../../lexigram-sql/datasqltest

replace github.com/lexigram/lexigram-go/lexigram-sql/migratesqltest => ../../lexigram-sql/migratesqltest

replace github.com/lexigram/lexigram-go/lexigram-sql/postgres => ../../lexigram-sql/postgres

replace github.com/lexigram/lexigram-go/lexigram-sql/sqlite => ../../lexigram-sql/sqlite

replace github.com/lexigram/lexigram-go/lexigram-storage => ../../lexigram-storage

replace github.com/lexigram/lexigram-go/lexigram-tenancy => ../../lexigram-tenancy

replace github.com/lexigram/lexigram-go/lexigram-tenancy/tenancysqltest => ../../lexigram-tenancy/tenancysqltest

replace github.com/lexigram/lexigram-go/lexigram-vector => ../../lexigram-vector

replace github.com/lexigram/lexigram-go/examples/askdocs => ../../examples/askdocs
