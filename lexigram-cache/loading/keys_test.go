package loading

import (
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// FuzzKeys: the keys of two tenants, or of two kinds, differ, and a key of the
// store says what it is of.
func FuzzKeys(f *testing.F) {
	f.Add("user:", "acme", "7", "", "acme/7")
	f.Add("", "", "#a", "a", "")
	f.Add("p/", "a", "!b", "", "a!b")
	f.Add("#", "a-b", "c", "a", "-b/c")
	f.Fuzz(func(t *testing.T, prefix, tenant1, name1, tenant2, name2 string) {
		if checkTenant(tenancy.ID(tenant1)) != nil || checkTenant(tenancy.ID(tenant2)) != nil {
			return
		}
		c := &Cache[int]{opts: Options{Prefix: prefix}}
		seen := map[string]bool{}
		places := [][2]string{{tenant1, name1}}
		if places[0] != [2]string{tenant2, name2} {
			places = append(places, [2]string{tenant2, name2})
		}
		for _, p := range places {
			for _, kind := range []byte{kindEntry, kindTag, kindRefresh} {
				key := c.physical(tenancy.ID(p[0]), kind, p[1])
				if seen[key] || !strings.HasPrefix(key, prefix) {
					t.Errorf("%q of tenant %q, kind %c, is the key %q of another", p[1], p[0], kind, key)
				}
				seen[key] = true
				tenant, k, name, ok := c.logical(key)
				if string(tenant) != p[0] || k != kind || name != p[1] || !ok {
					t.Errorf("%q is of %q, %c, %q, %v", key, tenant, k, name, ok)
				}
			}
		}
	})
}
