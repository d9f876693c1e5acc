package onpostgres

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// The tests of the module postgres that need a server skip where none is named:
// here one is. They break it in ways of their own, behind what the suite sees.
func TestModulesOwnTests(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "test", "-race", "-count=1", "-v", ".")
	cmd.Dir = "../../../lexigram-sql/postgres"
	cmd.Env = append(os.Environ(), "GOWORK=", "LEXIGRAM_TEST_POSTGRES="+servers.Postgres(t))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go test: %v\n%s", err, out)
	}
	if bytes.Contains(out, []byte("NOT TESTED")) || !bytes.Contains(out, []byte("--- PASS: TestConnectionLostAtCommit")) {
		t.Errorf("not all of them ran:\n%s", out)
	}
}
