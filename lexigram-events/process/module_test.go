package process

import (
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
)

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return Module(Config{Poll: time.Minute}) })
}

func TestConfig(t *testing.T) {
	if err := (Config{}).Validate(); err != nil {
		t.Error(err)
	}
	err := Config{Lease: 1, Retention: 1, Parallel: -1, Poll: 1}.Validate()
	for _, key := range []string{"lease", "retention", "parallel", "poll"} {
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%v does not name %s", err, key)
		}
	}
}
