package sqldbtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func timeRules() []Rule {
	return []Rule{
		{"time is an instant", "A time.Time is an instant in microseconds: it is stored in UTC", timeInstant},
		{"times compare and sort", "it compares and sorts as an instant", timeSorts},
		{"time from expressions", "and scans back from any expression, max(t) included", timeExpressions},
	}
}

// berlin is a zone with summer time, without the zone database.
func berlin(offset int) *time.Location { return time.FixedZone("Berlin", offset*3600) }

// fold are instants around the hour that a clock in Berlin shows twice, by
// their order; the clock shows 02:30, 02:10, 02:50.
func fold() []time.Time {
	return []time.Time{
		time.Date(2026, 10, 25, 2, 30, 0, 1000, berlin(2)),
		time.Date(2026, 10, 25, 2, 10, 0, 0, berlin(1)),
		time.Date(2026, 10, 25, 2, 50, 0, 999_999_000, berlin(1)),
	}
}

func (e *env) times(ctx context.Context, ts ...time.Time) (string, error) {
	name, err := e.table(ctx, "id bigint PRIMARY KEY, t timestamp with time zone")
	for i, t := range ts {
		if err == nil {
			_, err = e.db.Exec(ctx, "INSERT INTO "+name+" (id, t) VALUES ($1, $2)", i, t)
		}
	}
	return name, err
}

func timeInstant(ctx context.Context, e *env) error {
	ts := append(fold(),
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		time.Time{})
	name, err := e.times(ctx, ts...)
	if err != nil {
		return err
	}
	for i, t := range ts {
		var got time.Time
		if err := sqldb.QueryRow(ctx, e.db, "SELECT t FROM "+name+" WHERE id = $1", i).Scan(&got); err != nil {
			return err
		}
		if !got.Equal(t.Truncate(time.Microsecond)) || got.Location() != time.UTC {
			return fmt.Errorf("%v came back as %v", t, got)
		}
	}
	return nil
}

func timeSorts(ctx context.Context, e *env) error {
	ts := fold()
	name, err := e.times(ctx, ts[1], ts[2], ts[0])
	if err != nil {
		return err
	}
	var got []int64
	for id, err := range sqldb.Select(ctx, e.db, scanNumber, "SELECT id FROM "+name+" ORDER BY t") {
		if err != nil {
			return err
		}
		got = append(got, id)
	}
	if !slices.Equal(got, []int64{2, 0, 1}) {
		return fmt.Errorf("times in order are %v, want 2, 0, 1", got)
	}
	var before, same int64
	err = sqldb.QueryRow(ctx, e.db, "SELECT count(*) FROM "+name+" WHERE t < $1", ts[1].In(berlin(-5))).Scan(&before)
	if err != nil || before != 1 {
		return fmt.Errorf("%d times before the second one, %w", before, err)
	}
	err = sqldb.QueryRow(ctx, e.db, "SELECT count(*) FROM "+name+" WHERE t = $1", ts[2].UTC().Add(999)).Scan(&same)
	if err != nil || same != 1 {
		return fmt.Errorf("%d times equal to the third one in another zone, %w", same, err)
	}
	return nil
}

func timeExpressions(ctx context.Context, e *env) error {
	ts := fold()
	name, err := e.times(ctx, ts...)
	if err != nil {
		return err
	}
	for _, expr := range []string{"max(t)", "coalesce(max(t), min(t))", "CASE WHEN count(*) > 0 THEN max(t) END"} {
		var got time.Time
		var ptr *time.Time
		err := sqldb.QueryRow(ctx, e.db, "SELECT "+expr+", "+expr+" FROM "+name).Scan(&got, &ptr)
		if err != nil || !got.Equal(ts[2]) || got.Location() != time.UTC || ptr == nil || !ptr.Equal(ts[2]) {
			return fmt.Errorf("%s = %v, %v, %w, want %v", expr, got, ptr, err, ts[2])
		}
	}
	ptr := &ts[0]
	if err := sqldb.QueryRow(ctx, e.db, "SELECT max(t) FROM "+name+" WHERE id > 99").Scan(&ptr); err != nil || ptr != nil {
		return fmt.Errorf("max(t) of nothing = %v, %w", ptr, err)
	}
	return nil
}
