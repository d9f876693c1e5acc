package security_test

import (
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/security"
)

// FuzzCheckSecretName: a name that is taken stays in the directory it is looked up in, and
// is the only spelling of what it names.
func FuzzCheckSecretName(f *testing.F) {
	for _, name := range []string{"a", "db/password", "../x", "a/../b", "a//b", "/a", ".a", "a/.", `a\b`, "C:x", "a\x00b", "CON"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if security.CheckSecretName(name) != nil {
			return
		}
		if !filepath.IsLocal(name) || path.Clean(name) != name || strings.ContainsAny(name, "\\:\x00 ") {
			t.Errorf("CheckSecretName takes %q", name)
		}
	})
}
