package sqldbtest_test

import (
	"fmt"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldbtest"
)

// That each rule catches a database which breaks it is shown where a database
// is: TestBroken of lexigram-sql/sqlite, and of lexigram-sql/postgres for the
// rules about several writers.
func TestRulesHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range sqldbtest.Rules() {
		if r.Name == "" || r.Says == "" || seen[r.Name] {
			t.Errorf("rule %q (%q)", r.Name, r.Says)
		}
		seen[r.Name] = true
	}
}

func ExampleRules() {
	for _, r := range sqldbtest.Rules() {
		if r.Name == "commit" {
			fmt.Println(r.Says)
		}
	}
	// Output:
	// InTx calls fn in a transaction and commits if fn returns nil
}
