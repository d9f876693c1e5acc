module github.com/lexigram/lexigram-go/core/tomlconfig

go 1.26.0

require (
	github.com/lexigram/lexigram-go/contracts v0.1.0
	github.com/pelletier/go-toml/v2 v2.4.3
	go.uber.org/goleak v1.3.0
)
