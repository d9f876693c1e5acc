package redisclient

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Defaults of [Config].
const (
	DefaultMaxConns    = 64
	DefaultDialTimeout = 2 * time.Second
	DefaultTimeout     = 2 * time.Second
	DefaultRetries     = 1
)

// Config says which servers to use and how. The zero value lacks a URL.
type Config struct {
	// URL names a server: redis://user:password@host:6379/0, or rediss://… for
	// TLS 1.2 and later, or unix:///path. The user is an ACL user; without one it
	// is "default". What go-redis reads from a query, such as ?skip_verify=true, is
	// read, but the fields below win.
	URL config.Secret[string] `config:"url"`

	// Cluster says that the server is a node of a Redis Cluster, whose others are
	// asked for. Addrs are host:port of further nodes, in case the first cannot be
	// reached. A cluster has database 0 only.
	Cluster bool     `config:"cluster"`
	Addrs   []string `config:"addrs"`

	// CAFile is a PEM file of the authorities that sign the server's certificate;
	// "" means the system's. CertFile and KeyFile are the client's own. They need rediss://.
	CAFile   string `config:"ca_file"`
	CertFile string `config:"cert_file"`
	KeyFile  string `config:"key_file"`

	// MaxConns is how many connections to a server commands have at most;
	// pipelines have up to 10 besides. 0 means [DefaultMaxConns].
	MaxConns int `config:"max_conns"`

	// DialTimeout bounds a connect, and Timeout each write and each read. 0 means
	// [DefaultDialTimeout] and [DefaultTimeout]. A server that hangs costs an operation
	// up to (1 + Retries) × (DialTimeout + 2 × Timeout), a cluster (4 + Retries) times that
	// sum; one that refuses costs milliseconds.
	DialTimeout time.Duration `config:"dial_timeout"`
	Timeout     time.Duration `config:"timeout"`

	// Retries is how often a command that may be sent twice is sent again after a
	// connection failed. 0 means [DefaultRetries]; -1 means never.
	Retries int `config:"retries"`
}

// Validate implements config.Validator. It does not show the URL.
func (c Config) Validate() error {
	var v errs.ValidationError
	if c.URL.Reveal() == "" {
		v.Add("url", `is empty: set it to one such as "redis://user:password@host:6379/0"`, "REQUIRED")
	} else if o, err := c.parse(); err != nil {
		v.Add("url", "is not redis://user:password@host:6379/0 (rediss:// for TLS, unix:///path for a socket); "+
			"percent-encode the signs / ? # @ % in a password", "")
	} else {
		c.validateTLS(&v, o)
		if c.Cluster && o.DB != 0 {
			v.Add("url", "names a database other than 0, which a cluster does not have", "")
		}
	}
	for i, a := range c.Addrs {
		if _, _, err := net.SplitHostPort(a); err != nil {
			v.Add("addrs["+strconv.Itoa(i)+"]", "is not host:port", "")
		}
	}
	if len(c.Addrs) > 0 && !c.Cluster {
		v.Add("addrs", "is for a cluster: set cluster to true, or leave it out", "CONFLICT")
	}
	if c.MaxConns < 0 || c.MaxConns > 10_000 {
		v.Add("max_conns", "is not one of 0 to 10000", "RANGE")
	}
	if c.DialTimeout < 0 || c.DialTimeout > 0 && c.DialTimeout < time.Millisecond {
		v.Add("dial_timeout", "is negative or under a millisecond", "RANGE")
	}
	if c.Timeout < 0 || c.Timeout > 0 && c.Timeout < time.Millisecond {
		v.Add("timeout", "is negative or under a millisecond", "RANGE")
	}
	if c.Retries < -1 || c.Retries > 10 {
		v.Add("retries", "is not one of -1 to 10", "RANGE")
	}
	return v.Err()
}

func (c Config) validateTLS(v *errs.ValidationError, o *redis.Options) {
	for _, f := range []struct{ name, file string }{{"ca_file", c.CAFile}, {"cert_file", c.CertFile}, {"key_file", c.KeyFile}} {
		if f.file != "" && o.TLSConfig == nil {
			v.Add(f.name, "needs TLS: begin the url with rediss://", "CONFLICT")
		}
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		v.Add("cert_file", "and key_file go together: set both or neither", "CONFLICT")
	}
}

// parse reads the URL. Its error may quote the password, and is for nobody.
func (c Config) parse() (*redis.Options, error) { return redis.ParseURL(c.URL.Reveal()) }

func (c Config) withDefaults() Config {
	if c.MaxConns == 0 {
		c.MaxConns = DefaultMaxConns
	}
	if c.DialTimeout == 0 {
		c.DialTimeout = DefaultDialTimeout
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Retries == 0 {
		c.Retries = DefaultRetries
	}
	return c
}

// tls completes what the URL said with the files.
func (c Config) tls(t *tls.Config) (*tls.Config, error) {
	if t == nil {
		return nil, nil //nolint:nilnil // go-redis's own way to say "no TLS"
	}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("ca_file: there is no certificate in " + c.CAFile)
		}
	}
	if c.CertFile != "" {
		cert, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("cert_file: %w", err)
		}
		t.Certificates = []tls.Certificate{cert}
	}
	return t, nil
}
