package redisclient

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "hunter2"

// invalid are configurations, and a word of what is said about them.
var invalid = []struct {
	c    Config
	says string
}{
	{Config{}, "url is empty"},
	{at("127.0.0.1:6379"), "url is not redis://"},
	{at("http://app:hunter2@127.0.0.1"), "url is not redis://"},
	{at("redis://app:hunter2/?#@127.0.0.1"), "url is not redis://"},
	{at("redis://app:%hunter2@127.0.0.1"), "url is not redis://"},
	{at("redis://127.0.0.1/hunter2"), "url is not redis://"},
	{at("redis://127.0.0.1?hunter2=1"), "url is not redis://"},
	{with(func(c *Config) { c.CAFile = "ca.pem" }), "ca_file needs TLS"},
	{with(func(c *Config) { c.URL.Set("rediss://127.0.0.1"); c.KeyFile = "key.pem" }), "cert_file and key_file go together"},
	{with(func(c *Config) { c.URL.Set("redis://127.0.0.1/1"); c.Cluster = true }), "a database other than 0"},
	{with(func(c *Config) { c.Addrs = []string{"host:1"} }), "addrs is for a cluster"},
	{with(func(c *Config) { c.Cluster = true; c.Addrs = []string{"host:1", "host"} }), "addrs[1] is not host:port"},
	{with(func(c *Config) { c.MaxConns = -1 }), "max_conns"},
	{with(func(c *Config) { c.DialTimeout = -1 }), "dial_timeout"},
	{with(func(c *Config) { c.Timeout = time.Microsecond }), "timeout"},
	{with(func(c *Config) { c.Retries = -2 }), "retries"},
}

func at(url string) Config { return Config{URL: config.NewSecret(url)} }

func with(change func(c *Config)) Config {
	c := at("redis://app:hunter2@127.0.0.1:6379")
	change(&c)
	return c
}

func TestInvalidConfig(t *testing.T) {
	for _, c := range invalid {
		_, err := Open(t.Context(), c.c)
		if !errors.Is(err, errs.ErrValidation) || !errors.Is(err, Err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("Open = %v, want a validation error that says %q", err, c.says)
		} else if strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "\n") {
			t.Errorf("the error shows the password, or has lines: %q", err)
		}
	}
	if err := with(func(*Config) {}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestFilesAreRead(t *testing.T) {
	for _, change := range []func(c *Config){
		func(c *Config) { c.CAFile = "absent.pem" },
		func(c *Config) { c.CAFile = "config_test.go" }, // no PEM
		func(c *Config) { c.CertFile, c.KeyFile = "absent.pem", "absent.pem" },
	} {
		c := at("rediss://app:hunter2@127.0.0.1:1")
		change(&c)
		if _, err := Open(t.Context(), c); !errors.Is(err, Err) || errors.Is(err, ErrUnavailable) || strings.Contains(fmt.Sprint(err), password) {
			t.Errorf("Open = %v", err)
		}
	}
}

// TestNobodyThere asks a port that nobody can listen on.
func TestNobodyThere(t *testing.T) {
	began := time.Now()
	for _, cluster := range []bool{false, true} {
		_, err := Open(t.Context(), with(func(c *Config) { c.URL.Set("redis://app:hunter2@127.0.0.1:1"); c.Cluster = cluster }))
		if !errors.Is(err, ErrUnavailable) || errs.KindOf(err) != errs.Unavailable || strings.Contains(fmt.Sprint(err), password) || strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("cluster %v: Open = %v, want ErrUnavailable", cluster, err)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v to find that out", took)
	}
	gone, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("the caller left")
	cancel(cause)
	if _, err := Open(gone, with(func(*Config) {})); !errors.Is(err, cause) {
		t.Errorf("Open with a context that has ended = %v, want its cause", err)
	}
}
