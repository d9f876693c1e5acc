package memoryidempotency_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/lexigram-cache/memoryidempotency"
)

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return memoryidempotency.Module(memoryidempotency.Config{MaxBytes: 1000}) })
}
