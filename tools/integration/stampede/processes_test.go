package stampede

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

const (
	crowd = 1000 // callers of one process
	takes = 200 * time.Millisecond
	lease = 2 * time.Second
)

// An outcome is what a crowd of one process saw.
type outcome struct {
	Wrong int           `json:"wrong"` // values that are not the load's
	P99   time.Duration `json:"p99"`
	Max   time.Duration `json:"max"`
}

// A process is this program at work on a key for each line that it is given.
type process struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
}

// start starts a process that is killed, by its handle, when t ends.
func start(t *testing.T, role, url, prefix string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(self)}
	p.cmd.Env = append(os.Environ(), "LEXIGRAM_STAMPEDE_ROLE="+role, "LEXIGRAM_STAMPEDE_REDIS="+url, "LEXIGRAM_STAMPEDE_PREFIX="+prefix)
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		p.in, err = p.cmd.StdinPipe()
	}
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended
		_ = p.cmd.Wait()         // by that
	})
	p.lines = bufio.NewScanner(out)
	p.says(t, "ready")
	return p
}

// line returns the next line that the process prints.
func (p *process) line(t *testing.T) string {
	t.Helper()
	if !p.lines.Scan() {
		t.Fatalf("a worker ended: %v", p.lines.Err())
	}
	return p.lines.Text()
}

func (p *process) says(t *testing.T, want string) {
	t.Helper()
	if got := p.line(t); got != want {
		t.Fatalf("a worker says %q, want %q", got, want)
	}
}

func (p *process) tell(t *testing.T, key string) {
	t.Helper()
	if _, err := io.WriteString(p.in, key+"\n"); err != nil {
		t.Fatal(err)
	}
}

// work is what a process does until its input ends.
func work(role string) error {
	ctx := context.Background()
	prefix := os.Getenv("LEXIGRAM_STAMPEDE_PREFIX")
	client, err := redisclient.Open(ctx, redisclient.Config{URL: config.NewSecret(os.Getenv("LEXIGRAM_STAMPEDE_REDIS"))})
	if err != nil {
		return err
	}
	store, err := rediscache.New(client, rediscache.Options{Prefix: prefix})
	if err != nil {
		return err
	}
	c, err := loading.New[int64](store, loading.Options{TTL: time.Hour, Lease: lease})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		switch key := lines.Text(); role {
		case "hang":
			_, err = c.Fetch(ctx, key, func(context.Context, string) (int64, error) {
				fmt.Println("loading")
				select {} // until it is killed
			})
		default:
			err = json.NewEncoder(os.Stdout).Encode(rush(ctx, client, c, prefix+":loads:"+key, key))
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(c.Close(), client.Close())
}

// rush has a crowd fetch key. Loads are counted in Redis, for all processes.
func rush(ctx context.Context, client redis.UniversalClient, c *loading.Cache[int64], counter, key string) outcome {
	waits := make([]time.Duration, crowd)
	wrong := make([]bool, crowd)
	var wg sync.WaitGroup
	for i := range crowd {
		wg.Go(func() {
			began := time.Now()
			v, err := c.Fetch(ctx, key, func(ctx context.Context, _ string) (int64, error) {
				n, err := client.Incr(ctx, counter).Result()
				time.Sleep(takes)
				return n, err
			})
			waits[i], wrong[i] = time.Since(began), v != 1 || err != nil
		})
	}
	wg.Wait()
	slices.Sort(waits)
	o := outcome{P99: waits[crowd*99/100], Max: waits[crowd-1]}
	for _, w := range wrong {
		if w {
			o.Wrong++
		}
	}
	return o
}

// TestOneLoad has four processes of a thousand callers each fetch one key.
func TestOneLoad(t *testing.T) {
	url, prefix := servers.Redis(t), "test-"+strings.ToLower(rand.Text())
	client, _ := connect(t, url, prefix)
	var all []*process
	for range 4 {
		all = append(all, start(t, "crowd", url, prefix))
	}
	var worst outcome
	rounds := times(t, "LEXIGRAM_STAMPEDES", 3)
	for round := range rounds {
		key := fmt.Sprint(round)
		for _, p := range all {
			p.tell(t, key)
		}
		for _, p := range all {
			var o outcome
			if err := json.Unmarshal([]byte(p.line(t)), &o); err != nil {
				t.Fatal(err)
			}
			if o.Wrong > 0 {
				t.Errorf("round %d: %d callers of a process have another value than the load's", round, o.Wrong)
			}
			worst.P99, worst.Max = max(worst.P99, o.P99), max(worst.Max, o.Max)
		}
		if n, err := client.Get(t.Context(), prefix+":loads:"+key).Int(); n != 1 || err != nil {
			t.Errorf("round %d: %d loads, %v, want one", round, n, err)
		}
	}
	t.Logf("%d rounds of 4 processes × %d callers: one load of %v each; the worst process waited %v at the 99th percentile, %v at most",
		rounds, crowd, takes, worst.P99, worst.Max)
}

// TestDeadLoader kills the process that loads. Its lease ends, and another loads.
func TestDeadLoader(t *testing.T) {
	url, prefix := servers.Redis(t), "test-"+strings.ToLower(rand.Text())
	_, store := connect(t, url, prefix)
	c := over[int64](t, store, loading.Options{TTL: time.Hour, Lease: lease})
	for round := range times(t, "LEXIGRAM_DEAD_LOADERS", 1) {
		key := fmt.Sprint(round)
		p := start(t, "hang", url, prefix)
		p.tell(t, key)
		p.says(t, "loading")
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		v, err := c.Fetch(t.Context(), key, func(context.Context, string) (int64, error) { return 7, nil })
		took := time.Since(began)
		if v != 7 || err != nil || took > lease+time.Second { // of which a second is the machine's
			t.Errorf("Fetch = %d, %v after %v, want 7 within the lease of %v", v, err, took, lease)
		}
		t.Logf("the load of a process that was killed held up another for %v of a lease of %v", took, lease)
	}
}
