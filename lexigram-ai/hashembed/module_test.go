package hashembed_test

import (
	"errors"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/lexigram-ai/hashembed"
)

func TestConfig(t *testing.T) {
	if err := (hashembed.Config{}).Validate(); err != nil {
		t.Error(err)
	}
	if err := (hashembed.Config{Dimensions: 3}).Validate(); !errors.Is(err, errs.ErrValidation) {
		t.Error(err)
	}
}

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return hashembed.Module(hashembed.Config{}) })
}
