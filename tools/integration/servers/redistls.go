package servers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// redisTLS are the files of a server that asks its clients for certificates.
type redisTLS struct{ ca, cert, key string }

// NewRedisTLS starts a server for t alone that speaks TLS only, asks clients for a
// certificate and knows two users: "app" with the password "s/e?c#r@t%", who may touch
// nothing but keys and channels that begin with "lexigram:" and no dangerous
// command, and "default", who may do everything without a password. caFile signed its
// certificate, and the one in certFile and keyFile.
func NewRedisTLS(t testing.TB) (s *RedisServer, caFile, certFile, keyFile string) {
	t.Helper()
	needRedis(t, noRedis)
	s, err := newRedisServer([]string{
		"--user", "app", "on", ">s/e?c#r@t%", "~lexigram:*", "&lexigram:*", "+@all", "-@dangerous",
		"--tls-auth-clients", "yes",
	})
	if err == nil {
		err = s.secure()
	}
	if err == nil {
		err = s.firstRun(func(int) []string {
			return []string{"--tls-cert-file", s.tls.cert, "--tls-key-file", s.tls.key, "--tls-ca-cert-file", s.tls.ca}
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.remove(); err != nil {
			t.Error(err)
		}
	})
	return s, s.tls.ca, s.tls.cert, s.tls.key
}

// secure makes an authority and a certificate for 127.0.0.1.
func (s *RedisServer) secure() error {
	cert, key, config, err := certificate(s.dir)
	if err != nil {
		return err
	}
	s.tls = &redisTLS{ca: cert, cert: cert, key: key}
	s.opts.TLSConfig = config
	return nil
}

// certificate makes a certificate for 127.0.0.1, of servers and clients, that
// is its own authority, in files of dir, and what either side may be configured with.
func certificate(dir string) (certFile, keyFile string, config *tls.Config, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "lexigram test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return "", "", nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", "", nil, err
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	err = errors.Join(
		os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644),
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o644), // of a test, for the server's user
	)
	pool := x509.NewCertPool()
	parsed, parseErr := x509.ParseCertificate(der)
	if err := errors.Join(err, parseErr); err != nil {
		return "", "", nil, err
	}
	pool.AddCert(parsed)
	config = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	return certFile, keyFile, config, nil
}
