// Package redistest is what the tests of this module have in common.
package redistest

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
)

// Client returns a client of the server that LEXIGRAM_TEST_REDIS names.
func Client(t *testing.T) redis.UniversalClient {
	t.Helper()
	url := os.Getenv("LEXIGRAM_TEST_REDIS")
	if url == "" {
		t.Skip("LEXIGRAM_TEST_REDIS names no server")
	}
	client, err := redisclient.Open(t.Context(), redisclient.Config{URL: config.NewSecret(url)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

// Nowhere returns a client of a port that nobody can listen on.
func Nowhere(t *testing.T) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() {
		if err := client.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
			t.Error(err)
		}
	})
	return client
}

// Prefix returns one that nobody else has.
func Prefix() string { return "test-" + strings.ToLower(rand.Text()) }

// CheckUnavailable checks what methods of a family's store said on a client of Nowhere.
func CheckUnavailable(t *testing.T, family error, said map[string]error) {
	t.Helper()
	for method, err := range said {
		if !errors.Is(err, redisclient.ErrUnavailable) || !errors.Is(err, family) || errs.KindOf(err) != errs.Unavailable || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s = %v, want ErrUnavailable", method, err)
		}
	}
}

// CheckInvalid checks that err is one of a family, and of the arguments of a constructor.
func CheckInvalid(t *testing.T, family, err error) {
	t.Helper()
	if !errors.Is(err, family) || errs.KindOf(err) != errs.Invalid {
		t.Errorf("%v, want an error of kind invalid that is %v", err, family)
	}
}

// shelf is as much of a container as one module needs.
type shelf struct {
	regs   map[di.Key]di.Registration
	values map[di.Key]any
}

func (s *shelf) Register(r di.Registration) error { s.regs[r.Key] = r; return nil }

func (s *shelf) Resolve(ctx context.Context, k di.Key) (any, error) {
	if v, ok := s.values[k]; ok {
		return v, nil
	}
	r, ok := s.regs[k]
	if !ok {
		return nil, errors.New("missing " + k.String())
	}
	v, err := r.Build(ctx, s)
	s.values[k] = v
	return v, err
}

// CheckModule resolves all that d exports on a client of Nowhere, checks that its
// health is that of the server, and closes it.
func CheckModule(t *testing.T, d module.Descriptor) {
	t.Helper()
	var client redis.UniversalClient = Nowhere(t)
	c := &shelf{map[di.Key]di.Registration{}, map[di.Key]any{di.KeyOf[redis.UniversalClient](): client}}
	for _, p := range d.Providers {
		if err := p.Register(c); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range d.Exports {
		if v, err := c.Resolve(t.Context(), k); err != nil || v == nil {
			t.Errorf("%s: %v, %v", k, v, err)
		}
	}
	check, err := di.Get[health.Check](t.Context(), c, d.Name)
	if err != nil {
		t.Fatal(err)
	}
	if r := check.Checker.CheckHealth(t.Context()); r.Status != health.Unhealthy || !strings.Contains(r.Message, "refused") {
		t.Errorf("health of a server that is not there = %+v", r)
	}
	for k, r := range c.regs {
		if r.Close != nil {
			if err := r.Close(t.Context(), c.values[k]); err != nil {
				t.Error(err)
			}
		}
	}
}
