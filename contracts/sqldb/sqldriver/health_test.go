package sqldriver_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

func TestPoolCheck(t *testing.T) {
	gone := errors.New("gone")
	waited := sqldb.PoolStats{Max: 10, Total: 10, InUse: 10, Waited: 3, WaitTime: 1500 * time.Millisecond, Cancelled: 2}
	for _, c := range []struct {
		stats       sqldb.PoolStats
		ask, beside error
		status      health.Status
		message     string
	}{
		{sqldb.PoolStats{Max: 10, Total: 9, InUse: 8}, nil, gone, health.Healthy, ""},
		{sqldb.PoolStats{InUse: 8}, nil, gone, health.Healthy, ""},
		{sqldb.PoolStats{Max: 10, Total: 9, InUse: 8}, gone, nil, health.Unhealthy, "gone"},
		{sqldb.PoolStats{Max: 10, Total: 9, InUse: 9}, nil, gone, health.Degraded, "db: 9 of 10 connections are in use: raise max, or see who holds them"},
		{waited, gone, nil, health.Degraded, "db: all 10 connections are in use: raise max, or see who holds them; so far 3 waits took 1.5s, and 2 were given up"},
		{waited, nil, gone, health.Unhealthy, "gone"},
	} {
		r := sqldriver.PoolCheck{
			Name: "db", Limit: "max", Stats: func() sqldb.PoolStats { return c.stats },
			Ask: func(context.Context) error { return c.ask }, Beside: func(context.Context) error { return c.beside },
		}.Run(t.Context())
		if r.Status != c.status || r.Message != c.message || len(r.Details) != 2 {
			t.Errorf("%+v: %+v", c.stats, r)
		}
	}
}
