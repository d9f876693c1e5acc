module github.com/lexigram/lexigram-go/tools

go 1.26.0
