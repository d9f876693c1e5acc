package natsfaults

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// The server's disk is full. What it took is there when it has room again and
// was started anew; what it did not take, Publish did not say it took.
func TestDiskFull(t *testing.T) {
	const keys = 4
	dir, err := os.MkdirTemp("", "natsdisk") // not t.TempDir, into which the server's user cannot see
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	})
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64m,mode=0777", "tmpfs", dir).CombinedOutput(); err != nil {
		servers.Missing(t, "right to mount a tmpfs of 64 MiB, to fill a server's disk: run the tests as root ("+string(out)+")", false)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	server := servers.NewNATS(t, dir)
	c := options(server.URL())
	c.PublishTimeout = 3 * time.Second
	bus := open(t, c)
	taken := map[int]int{}
	pad := make([]byte, 64<<10)
	var failed error
	for i := 1; failed == nil && i < 10_000; i++ {
		for k := range keys {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			ev := event(k, i)
			ev.Data = append(append(ev.Data, ' '), pad...)
			err := bus.Publish(ctx, ev)
			cancel()
			if err != nil {
				failed = err
				break
			}
			taken[k] = i
		}
	}
	if failed == nil {
		t.Fatal("the disk was never full")
	}
	t.Logf("after %d events of 64 KiB: %v", taken[0]+taken[1]+taken[2]+taken[3], failed)
	if out, err := exec.Command("mount", "-o", "remount,size=256m", dir).CombinedOutput(); err != nil {
		t.Fatalf("remount: %v: %s", err, out)
	}
	if err := errors.Join(server.Kill(), server.Start()); err != nil {
		t.Fatal(err)
	}
	y := newTally()
	s := events.Subscription{Types: []string{"faults.>"}, Group: "g", Begin: events.Earliest}
	if _, err := bus.Subscribe(t.Context(), s, y.handle); err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, n := range taken {
		total += n
	}
	y.until(t, total, time.Minute)
	for k, n := range taken {
		if y.handled[k] < n {
			t.Errorf("of key %d the server took %d and delivers %d", k, n, y.handled[k])
		}
	}
	for _, w := range y.wrong {
		t.Error(w)
	}
	if err := bus.Publish(t.Context(), event(9, 1)); err != nil { // and it takes events again
		t.Error(err)
	}
}
