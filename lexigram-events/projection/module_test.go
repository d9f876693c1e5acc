package projection

import (
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
)

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return Module(Config{Batch: 10}) })
}

func TestConfig(t *testing.T) {
	if err := (Config{}).Validate(); err != nil {
		t.Error(err)
	}
	err := Config{Batch: -1, Lag: 1, Poll: 1, Lease: 1}.Validate()
	for _, key := range []string{"batch", "lag", "poll", "lease"} {
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%v does not name %s", err, key)
		}
	}
}
