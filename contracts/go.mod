module github.com/lexigram/lexigram-go/contracts

go 1.26.0
