package memorystorage_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/storage"
	"github.com/lexigram/lexigram-go/contracts/storage/storagetest"
	"github.com/lexigram/lexigram-go/lexigram-storage/memorystorage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	storagetest.Run(t, func(*testing.T) storage.Store { return memorystorage.New() })
}
