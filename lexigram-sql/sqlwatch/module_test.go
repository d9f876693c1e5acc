package sqlwatch_test

import (
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlwatch"
)

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return sqlwatch.Module(sqlwatch.Config{Slow: time.Second}) })
}

func TestConfigRefuses(t *testing.T) {
	for _, c := range []sqlwatch.Config{{Slow: -1}, {Wait: -1}} {
		if err := c.Validate(); err == nil {
			t.Errorf("%+v is valid", c)
		}
	}
	if err := (sqlwatch.Config{}).Validate(); err != nil {
		t.Error(err)
	}
}
