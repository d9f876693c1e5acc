package onpostgres

import (
	"path/filepath"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/saga/sagatest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorystate"
	"github.com/lexigram/lexigram-go/lexigram-events/eventssqltest"
	"github.com/lexigram/lexigram-go/lexigram-events/process"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlstate"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

func TestSagas(t *testing.T) { eventssqltest.RunSagas(t, open) }

func TestSagaKills(t *testing.T) {
	eventssqltest.RunSagaKills(t, servers.Postgres(t), "TestSagaProcess", openURL)
}

// TestSagaProcess is the process of [TestSagaKills].
func TestSagaProcess(t *testing.T) { eventssqltest.SagaProcess(t, openURL) }

func openURL(t *testing.T, url string) sqldb.DB {
	db, err := postgres.Open(t.Context(), postgres.Config{URL: config.NewSecret(url)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// TestSagasInState keeps sagas in the stores of state there are.
func TestSagasInState(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) state.Swapper{
		"memory": func(t *testing.T) state.Swapper {
			s, err := memorystate.New(memorystate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		"sqlite": func(t *testing.T) state.Swapper {
			db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "state.db")})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
			return tableOfState(t, db)
		},
		"postgres": func(t *testing.T) state.Swapper { return tableOfState(t, openFor(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			sagatest.Run(t, func(t *testing.T) sagatest.Site {
				s := open(t)
				return func(c clock.Clock, sagas ...saga.Saga) (saga.Manager, error) {
					return process.NewInState(s, process.Options{Clock: c}, sagas...)
				}
			})
		})
	}
}

func tableOfState(t *testing.T, db sqldb.DB) *sqlstate.Store {
	t.Helper()
	m, err := migrate.New(db, migrate.Options{}, sqlstate.Migrations())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, err := sqlstate.New(db)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
