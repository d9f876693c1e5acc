module github.com/lexigram/lexigram-go/tools/integration

go 1.26.0
