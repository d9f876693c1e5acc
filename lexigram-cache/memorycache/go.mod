module github.com/lexigram/lexigram-go/lexigram-cache/memorycache

go 1.26.0

require (
	github.com/lexigram/lexigram-go/contracts v0.1.0
	github.com/maypok86/otter/v2 v2.4.0
	go.uber.org/goleak v1.3.0
)
