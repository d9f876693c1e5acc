package memoryeventstore_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryeventstore"
)

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return memoryeventstore.Module() })
}
