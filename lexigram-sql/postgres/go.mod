module github.com/lexigram/lexigram-go/lexigram-sql/postgres

go 1.26.0

require (
	github.com/jackc/pgx/v5 v5.12.0
	github.com/lexigram/lexigram-go/contracts v0.1.0
	go.uber.org/goleak v1.3.0
)
