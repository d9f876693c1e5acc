package askdocs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// A model is an OpenAI-compatible endpoint that answers every question alike
// and embeds a text by its length and letters.
type model struct {
	chats, embeddings atomic.Int64
}

func (m *model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/v1/chat/completions":
		m.chats.Add(1)
		w.Header().Set("Content-Type", "text/event-stream")
		for _, piece := range []string{"According to the ", "handbook: ", "Grace Hopper. [1", "]"} {
			fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":%q}}]}\n\n", piece)
		}
		fmt.Fprint(w, "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	case "/v1/embeddings":
		m.embed(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (m *model) embed(w http.ResponseWriter, r *http.Request) {
	m.embeddings.Add(1)
	var in struct{ Input []string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	type item struct {
		Index     int       `json:"index"`
		Embedding []float32 `json:"embedding"`
	}
	out := struct {
		Data []item `json:"data"`
	}{}
	for i, text := range in.Input {
		v := make([]float32, 32)
		for _, c := range strings.ToLower(text) {
			v[int(c)%32]++
		}
		out.Data = append(out.Data, item{i, v})
	}
	if err := json.NewEncoder(w).Encode(out); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// Configuration lines alone move askdocs to PostgreSQL and to a model endpoint.
func TestPostgresAndModelEndpointByConfiguration(t *testing.T) {
	var m model
	endpoint := httptest.NewServer(&m)
	t.Cleanup(endpoint.Close)
	l := newLibrary(t, fmt.Sprintf(`
sql:
  backend: postgres
  postgres:
    url: %q
embedding:
  backend: openai
  openai: {base_url: %q, model: test-embedding}
chat:
  backend: openai
  openai: {base_url: %[2]q, model: test-chat}
`, servers.Postgres(t), endpoint.URL+"/v1"))

	key := l.importFiles(t, "acme", map[string]string{"handbook.md": handbook})
	out := l.run(t, "ask", "who is the deputy of the harbour master?", "--tenant", "acme", "--key", key)
	if !strings.Contains(out, "According to the handbook: Grace Hopper. [1]\n\n[1] handbook.md#handbook\n") {
		t.Errorf("answer:\n%s", out)
	}
	if m.chats.Load() != 1 || m.embeddings.Load() < 2 {
		t.Errorf("the model was asked %d times and embedded %d times", m.chats.Load(), m.embeddings.Load())
	}

	other := l.importFiles(t, "globex", map[string]string{"menu.txt": "The soup of the day is leek and potato."})
	out = l.run(t, "ask", "who is the deputy of the harbour master?", "--tenant", "globex", "--key", other)
	if strings.Contains(out, "handbook.md") {
		t.Errorf("globex is answered from acme's documents:\n%s", out)
	}
}

// The embedded answerer over PostgreSQL: one line of configuration each.
func TestPostgresAlone(t *testing.T) {
	l := newLibrary(t, fmt.Sprintf("sql:\n  backend: postgres\n  postgres: {url: %q}\n", servers.Postgres(t)))
	key := l.importFiles(t, "acme", map[string]string{"handbook.md": handbook})
	out := l.run(t, "ask", "how is high tide announced?", "--tenant", "acme", "--key", key)
	if !strings.Contains(out, "High tide is announced by two long blasts. [1]") || !strings.Contains(out, "[1] handbook.md#tides") {
		t.Errorf("answer:\n%s", out)
	}
}

// The words in PostgreSQL too: one line more, and two tenants that share the tables.
func TestWordsInPostgres(t *testing.T) {
	url := servers.Postgres(t)
	l := newLibrary(t, fmt.Sprintf("sql:\n  backend: postgres\n  postgres: {url: %q}\nsearch: {backend: sqlsearch}\n", url))
	key := l.importFiles(t, "acme", map[string]string{"handbook.md": handbook})
	other := l.importFiles(t, "globex", map[string]string{"menu.txt": "The soup of the day is leek and potato. High tide is no dish."})
	out := l.run(t, "ask", "how is high tide announced?", "--tenant", "acme", "--key", key)
	if !strings.Contains(out, "High tide is announced by two long blasts. [1]") || !strings.Contains(out, "[1] handbook.md#tides") || strings.Contains(out, "menu.txt") {
		t.Errorf("answer:\n%s", out)
	}
	out = l.run(t, "ask", "what is the soup of the day?", "--tenant", "globex", "--key", other)
	if !strings.Contains(out, "leek and potato. [1]") || strings.Contains(out, "handbook.md") {
		t.Errorf("answer:\n%s", out)
	}
	if _, err := os.Stat(filepath.Join(l.data, "search")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there are words in the data directory: %v", err)
	}
	db, err := postgres.Open(t.Context(), postgres.Config{URL: config.NewSecret(url)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var indexes, found int
	err = sqldb.QueryRow(t.Context(), db, "SELECT count(DISTINCT index_number), count(*) FROM lexigram_search_documents WHERE words::text LIKE '%\\_tide%'").Scan(&indexes, &found)
	if err != nil || indexes != 2 || found != 2 {
		t.Errorf("%d documents of %d indexes, %v", found, indexes, err)
	}
}
