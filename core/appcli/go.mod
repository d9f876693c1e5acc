module github.com/lexigram/lexigram-go/core/appcli

go 1.26.0

require (
	github.com/lexigram/lexigram-go/contracts v0.1.0
	github.com/spf13/cobra v1.10.2
	github.com/spf13/pflag v1.1.0
	go.uber.org/goleak v1.3.0
)

require github.com/inconshreveable/mousetrap v1.1.0 // indirect
