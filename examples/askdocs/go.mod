module github.com/lexigram/lexigram-go/examples/askdocs

go 1.26.0

require (
	github.com/lexigram/lexigram-go/contracts v0.1.0
	github.com/lexigram/lexigram-go/core v0.1.0
	github.com/lexigram/lexigram-go/core/appcli v0.1.0
	github.com/lexigram/lexigram-go/core/yamlconfig v0.1.0
	github.com/lexigram/lexigram-go/lexigram-ai v0.1.0
	github.com/lexigram/lexigram-go/lexigram-cache v0.1.0
	github.com/lexigram/lexigram-go/lexigram-cache/memorycache v0.1.0
	github.com/lexigram/lexigram-go/lexigram-events v0.1.0
	github.com/lexigram/lexigram-go/lexigram-sql v0.1.0
	github.com/lexigram/lexigram-go/lexigram-sql/postgres v0.1.0
	github.com/lexigram/lexigram-go/lexigram-sql/sqlite v0.1.0
	github.com/lexigram/lexigram-go/lexigram-storage v0.1.0
	github.com/lexigram/lexigram-go/lexigram-tenancy v0.1.0
	github.com/lexigram/lexigram-go/lexigram-vector v0.1.0
	go.uber.org/goleak v1.3.0
	golang.org/x/net v0.62.0
)

require (
	github.com/dustin/go-humanize v1.0.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/pgx/v5 v5.12.0 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/maypok86/otter/v2 v2.4.0 // indirect
	github.com/ncruces/go-strftime v1.0.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	github.com/spf13/cobra v1.10.2 // indirect
	github.com/spf13/pflag v1.1.0 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	modernc.org/libc v1.77.1 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
	modernc.org/sqlite v1.60.0 // indirect
)
