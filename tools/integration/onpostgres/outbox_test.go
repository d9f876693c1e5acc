package onpostgres

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
)

// withOutbox returns a database with the tables of the outbox.
func withOutbox(t testing.TB) (sqldb.DB, *outbox.Outbox) {
	t.Helper()
	db := openFor(t)
	files, err := outbox.Migrations().FS(db.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(files, "0001_outbox.sql")
	if err != nil {
		t.Fatal(err)
	}
	for statement := range strings.SplitSeq(string(text), ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	box, err := outbox.New(db, outbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return db, box
}

// sent collects what a relay sends.
type sent chan string

func (s sent) Publish(_ context.Context, evs ...events.Event) error {
	for _, ev := range evs {
		s <- ev.ID
	}
	return nil
}

func (s sent) next(t *testing.T) string {
	t.Helper()
	select {
	case id := <-s:
		return id
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was sent")
		return ""
	}
}

// relay starts a relay that looks at the table once an hour, unless it is woken.
func relay(t *testing.T, db sqldb.DB) sent {
	t.Helper()
	s := make(sent, 100)
	r, err := outbox.NewRelay(db, s, outbox.RelayOptions{Poll: time.Hour, Parallel: 1})
	if err == nil {
		err = r.Start(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return s
}

func event(id string) events.Event {
	ev := events.New("/late", "late.happened", nil)
	ev.ID = id
	return ev
}

// A relay is woken by a commit anywhere, not only in its process.
func TestOutboxIsWoken(t *testing.T) {
	db, box := withOutbox(t)
	s := relay(t, db) // Outbox.Committed does not reach it
	for _, id := range []string{"one", "two", "three"} {
		if err := box.Publish(t.Context(), event(id)); err != nil {
			t.Fatal(err)
		}
		if got := s.next(t); got != id {
			t.Errorf("%q was sent, want %q", got, id)
		}
	}
}

// A transaction that takes its number first and commits last loses nothing and
// keeps its place: what committed in between waits for it (ThreeDotsLabs/watermill#311).
func TestOutboxLateCommit(t *testing.T) {
	db, box := withOutbox(t)
	s := relay(t, db)
	own := errors.New("own")
	for _, end := range []error{nil, own} {
		began, commit, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			done <- db.InTx(t.Context(), func(ctx context.Context) error {
				err := box.Publish(ctx, event("early"))
				close(began)
				<-commit
				return errors.Join(err, end)
			})
		}()
		<-began
		if err := box.Publish(t.Context(), event("late")); err != nil {
			t.Fatal(err)
		}
		select {
		case id := <-s:
			t.Fatalf("%q was sent while an earlier transaction was in progress", id)
		case <-time.After(200 * time.Millisecond): // the relay was woken long before
		}
		close(commit)
		if err := <-done; !errors.Is(err, end) {
			t.Fatal(err)
		}
		want := []string{"early", "late"}
		if end != nil {
			want = want[1:]
		}
		for _, id := range want {
			if got := s.next(t); got != id {
				t.Errorf("%q was sent, want %q", got, id)
			}
		}
		if _, err := db.Exec(t.Context(), "DELETE FROM lexigram_outbox"); err != nil {
			t.Fatal(err)
		}
	}
}

// Rows of a dump have numbers of another server's transactions. On a server
// that is younger they come first all the same, in their order.
func TestOutboxRestored(t *testing.T) {
	db, box := withOutbox(t)
	publish := func(id string) {
		ev := event(id)
		ev.Key = "k"
		if err := box.Publish(t.Context(), ev); err != nil {
			t.Fatal(err)
		}
	}
	publish("first")
	publish("second")
	// As a dump of a server that had counted to a million millions.
	for id, xid := range map[string]string{"first": "1000000000001", "second": "1000000000002"} {
		if _, err := db.Exec(t.Context(), "UPDATE lexigram_outbox SET xid = CAST(CAST($2 AS text) AS xid8) WHERE id = $1", id, xid); err != nil {
			t.Fatal(err)
		}
	}
	publish("new")
	s := relay(t, db)
	for _, want := range []string{"first", "second", "new"} {
		if got := s.next(t); got != want {
			t.Errorf("%q was sent, want %q", got, want)
		}
	}
}

// The race exists: a reader that goes by the sequence, as a query that looks
// right does, loses what commits late. The relay is not that reader.
func TestOutboxLateCommitIsLostBySequence(t *testing.T) {
	db, box := withOutbox(t)
	last, seen := int64(0), []string{}
	read := func(ctx context.Context) {
		t.Helper()
		rows, err := db.Query(ctx, "SELECT seq, id FROM lexigram_outbox WHERE seq > $1 ORDER BY seq", last)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&last, &id); err != nil {
				t.Fatal(err)
			}
			seen = append(seen, id)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if err := box.Publish(ctx, event("early")); err != nil {
			return err
		}
		if err := box.Publish(sqldb.Detach(ctx), event("late")); err != nil { // commits at once
			return err
		}
		read(sqldb.Detach(ctx))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	read(t.Context())
	if len(seen) != 1 || seen[0] != "late" {
		t.Fatalf("by the sequence %q were read: the test of the relay proves nothing", seen)
	}
	s := relay(t, db)
	for _, want := range []string{"early", "late"} {
		if got := s.next(t); got != want {
			t.Errorf("%q was sent, want %q", got, want)
		}
	}
}
