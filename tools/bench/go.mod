module github.com/lexigram/lexigram-go/tools/bench

go 1.26.0
