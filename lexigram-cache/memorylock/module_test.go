package memorylock_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorylock"
)

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return memorylock.Module(memorylock.Config{MaxLeases: 10}) })
}
