package container_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/di/ditest"
	"github.com/lexigram/lexigram-go/core/container"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	ditest.Run(t, func(t *testing.T) di.Container { return container.New() })
}
