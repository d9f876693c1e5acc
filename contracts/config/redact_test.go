package config_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
)

func TestIsSecretKey(t *testing.T) {
	secret := []string{
		"password", "db.password", "DB_PASSWORD", "dbpassword", "client_secret", "secretKey", "token", "access_token", "accessToken",
		"accesstoken", "api_key", "apikey", "api-key", "X-Api-Key", "APIKey", "private_key", "credentials", "credentials.user", "auth",
		"Authorization", "access_key", "signing_key", "encryption_keys", "Cookie", "refresh_tokens", "dsn", "TO\u212aEN", // with the sign of kelvins
	}
	for _, key := range secret {
		if !config.IsSecretKey(key) {
			t.Errorf("%q is taken as harmless", key)
		}
	}
	for _, key := range []string{"", "key", "cache.key", "max_tokens", "tokens", "tokenizer", "author", "authn.enabled", "keyboard", "path", "passport"} {
		if config.IsSecretKey(key) {
			t.Errorf("%q is taken as secret", key)
		}
	}
}

func TestIsSecretKeyAllocatesNothing(t *testing.T) {
	for _, key := range []string{"user_id", "duration", "http.status", "remoteAddr", "tenant"} {
		if n := testing.AllocsPerRun(100, func() { config.IsSecretKey(key) }); n != 0 {
			t.Errorf("%q: %v allocations", key, n)
		}
	}
}

func TestRedactText(t *testing.T) {
	for in, want := range map[string]string{
		"":                                           "",
		"plain":                                      "plain",
		"postgres://app:hunter2@db/app":              "postgres://app:***@db/app",
		"redis://:hunter2@cache:6379":                "redis://:***@cache:6379",
		"a://u:p@ss:w@h/x and b://v:q@h":             "a://u:***@h/x and b://v:***@h",
		"https://example.org/a:b@c":                  "https://example.org/a:b@c",
		"host=db password=hunter2 user=me":           "host=db password=*** user=me",
		"password='a b' user=me":                     "password=*** user=me",
		"https://h/?token=abc&x=1":                   "https://h/?token=***&x=1",
		`Get "https://h/?access_token=a&x=1": EOF`:   `Get "https://h/?access_token=***&x=1": EOF`,
		`Get "https://h/?x=1&api_key=a": EOF`:        `Get "https://h/?x=1&api_key=***": EOF`,
		"client_secret=a PGPASSWORD=b api-key=c":     "client_secret=*** PGPASSWORD=*** api-key=***",
		`password="a b" user=me`:                     "password=*** user=me",
		"max_tokens=5 path=a=b key=c":                "max_tokens=5 path=a=b key=c",
		`url=https://h/?token=abc, user="token=abc"`: `url=https://h/?token=*** user="token=***"`,
		`password=a"b user=me password= a=b token`:   `password=*** user=me password= a=b token`,
		"user[password]=a&x=1":                       "user[password]=***&x=1",
		"=a==":                                       "=a==",
	} {
		if got := config.RedactText(in); got != want {
			t.Errorf("RedactText(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	valid := []string{"memory", "redis", "busy_timeout", "url"}
	for in, want := range map[string]string{
		"memmory": "memory", "Redis": "redis", "rdeis": "redis", "busy_timout": "busy_timeout", "ulr": "url", "x": "", "postgres": "", "": "",
	} {
		if got := config.Nearest(in, valid); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", in, got, want)
		}
	}
}
