package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// Nobody answers at the addresses of the models: that is told in one line, and
// what was uploaded is indexed by the first start that has a model.
func TestModelThatIsAway(t *testing.T) {
	data, dir := t.TempDir(), write(t, map[string]string{
		"embedding.yaml": "embedding:\n  backend: openai\n  openai:\n    base_url: http://127.0.0.1:1/v1\n    model: m\noutbox:\n  max_attempts: 2\n  retry_base: 1ms\n",
		"chat.yaml":      "chat:\n  backend: openai\n  openai:\n    base_url: http://127.0.0.1:1/v1\n    model: m\n",
	})
	docs := write(t, map[string]string{"handbook.md": handbook})
	code, out, stderr := askdocs(t, "import", docs, "--tenant", "acme", "--data", data, "--no-import", "--config", filepath.Join(dir, "embedding.yaml"))
	key := keyLine.FindStringSubmatch(out)
	if code != 1 || key == nil || !strings.Contains(stderr, `documents wait: "handbook.md" is not indexed yet`) || !strings.Contains(stderr, "embedding.openai.base_url") {
		t.Fatalf("import without an embedding model: %d\n%s%s", code, out, stderr)
	}
	t.Setenv("ASKDOCS_KEY", key[1])
	ask := func(args ...string) (int, string, string) {
		return askdocs(t, append([]string{"ask", "who is the deputy of the harbour master?", "--tenant", "acme", "--data", data, "--no-import"}, args...)...)
	}
	if code, out, stderr := ask(); code != 0 || !strings.Contains(out, "[1] handbook.md#handbook") {
		t.Errorf("the next start: %d\n%s%s", code, out, stderr)
	}
	for _, section := range []string{"embedding", "chat"} {
		code, out, stderr := ask("--config", filepath.Join(dir, section+".yaml"))
		if code != 1 || out != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, section+".openai.base_url") {
			t.Errorf("ask without a model of %s: %d\n%s%s", section, code, out, stderr)
		}
	}
}
