package memorystate_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorystate"
)

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return memorystate.Module(memorystate.Config{MaxBytes: 1000}) })
}
