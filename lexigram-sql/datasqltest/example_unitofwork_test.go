package datasqltest_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlrepo"
	"github.com/lexigram/lexigram-go/lexigram-sql/unitofwork"
)

// printer stands for an outbox, whose table is in the same database.
type printer struct{}

func (printer) Publish(_ context.Context, evs ...events.Event) error {
	for _, ev := range evs {
		fmt.Println(ev.Type, string(ev.Data))
	}
	return nil
}

func Example_unitOfWork() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: sqlite.Memory})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	if _, err := db.Exec(ctx, "CREATE TABLE users (id INTEGER PRIMARY KEY, name text NOT NULL, age bigint NOT NULL, version bigint NOT NULL)"); err != nil {
		fmt.Println(err)
		return
	}
	users, err := sqlrepo.New[User, int64](db, sqlrepo.Options{Table: "users", Generated: true, Version: "version"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := users.Save(ctx, &User{Name: "Ada", Age: 36}); err != nil {
		fmt.Println(err)
		return
	}

	outbox := printer{}
	err = unitofwork.Do(ctx, db, func(ctx context.Context, u *unitofwork.Unit) error {
		set := unitofwork.Of(u, users, func(u *User) int64 { return u.ID })
		ada, err := set.Get(ctx, 1)
		if err != nil {
			return err
		}
		ada.Age++
		if err := u.Record(events.New("users", "user.aged", []byte(`{"id":1}`))); err != nil {
			return err
		}
		return set.Dirty(ada)
	}, unitofwork.Publish(outbox))
	fmt.Println(err)
	ada, err := users.Get(ctx, 1)
	fmt.Println(ada.Age, ada.Version, err)
	// Output:
	// user.aged {"id":1}
	// <nil>
	// 37 2 <nil>
}
