package redisclient_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
)

func ExampleOpen() {
	_, err := redisclient.Open(context.Background(), redisclient.Config{URL: config.NewSecret("redis://app:p/ssword@127.0.0.1:6379")})
	fmt.Println(err)
	// Output:
	// redisclient: config: validation failed: url is not redis://user:password@host:6379/0 (rediss:// for TLS, unix:///path for a socket); percent-encode the signs / ? # @ % in a password
}
