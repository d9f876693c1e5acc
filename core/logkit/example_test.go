package logkit_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/core/logkit"
)

func Example() {
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "took" {
			return slog.Attr{} // for a stable output
		}
		return a
	}})
	log := slog.New(logkit.NewRedactor(handler))
	log.Info("connecting", "url", "postgres://app:hunter2@db/app", "password", "hunter2")

	observer := observe.Observer{Sink: logkit.NewSink(log)}
	_, end := observer.Start(context.Background(), "sql.query", slog.String("table", "users"))
	end(fmt.Errorf("no connection"))
	// Output:
	// level=INFO msg=connecting url=postgres://app:***@db/app password=***
	// level=WARN msg=sql.query error="no connection" kind=unknown table=users
}

func ExampleNew() {
	levels := new(logkit.Levels)
	log, err := logkit.New(os.Stdout, logkit.Options{
		Format:  logkit.Text,
		Levels:  map[string]slog.Level{"sql": slog.LevelWarn},
		Control: levels,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	pool := logkit.Named(log, "sql.pool")
	fmt.Println(log.Enabled(context.Background(), slog.LevelInfo), pool.Enabled(context.Background(), slog.LevelInfo))
	levels.Set("sql.pool", slog.LevelDebug) // while the program runs
	fmt.Println(pool.Enabled(context.Background(), slog.LevelDebug))
	// Output:
	// true false
	// true
}
