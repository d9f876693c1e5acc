package securitytest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/security/securitytest"
)

func ExampleRunSecrets() {
	var open func(t *testing.T, seed map[string]string) security.SecretStore // of the adapter under test
	_ = func(t *testing.T) { securitytest.RunSecrets(t, open) }
	// Output:
}
