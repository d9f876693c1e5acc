module github.com/lexigram/lexigram-go/lexigram-events/eventssqltest

go 1.26.0

require (
	github.com/lexigram/lexigram-go/contracts v0.1.0
	github.com/lexigram/lexigram-go/lexigram-events v0.1.0
	github.com/lexigram/lexigram-go/lexigram-sql/sqlite v0.1.0
)
