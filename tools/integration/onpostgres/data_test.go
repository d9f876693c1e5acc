package onpostgres

import (
	"testing"

	"github.com/lexigram/lexigram-go/lexigram-sql/datasqltest"
)

func TestRows(t *testing.T) { datasqltest.RunRows(t, open) }

func TestCrud(t *testing.T) { datasqltest.RunCrud(t, open) }

func TestRepository(t *testing.T) { datasqltest.RunRepository(t, open) }

func TestProof(t *testing.T) { datasqltest.RunProof(t, open) }

func TestUnitOfWork(t *testing.T) { datasqltest.RunUnitOfWork(t, open) }

func TestWatch(t *testing.T) { datasqltest.RunWatch(t, open) }
