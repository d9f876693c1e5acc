module github.com/lexigram/lexigram-go/lexigram-tenancy

go 1.26.0

require (
	github.com/lexigram/lexigram-go/contracts v0.1.0
	go.uber.org/goleak v1.3.0
)
