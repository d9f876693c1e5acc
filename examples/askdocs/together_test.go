package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/examples/askdocs/internal/askclient"
)

// TestSameQuestionAtOnce has two tenants ask the same question at the same time:
// each is answered from its own sources.
func TestSameQuestionAtOnce(t *testing.T) {
	asked, answer := make(chan struct{}, 2), make(chan struct{})
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		asked <- struct{}{}
		<-answer
		said := "nothing"
		for _, word := range []string{"swordfish", "haddock"} {
			if strings.Contains(string(body), word) {
				said = word
			}
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: {\"choices\":[{\"delta\":{\"content\":\"It is %s. [1]\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", said)
	}))
	defer model.Close()
	for key, value := range map[string]string{"BACKEND": "openai", "OPENAI__BASE_URL": model.URL, "OPENAI__MODEL": "m"} {
		t.Setenv("LEX_CHAT__"+key, value)
	}
	withSite(t, func(s *site) {
		s.add(s.acme, "code.txt", "The launch code of the rocket is swordfish.")
		s.add(s.globex, "code.txt", "The launch code of the rocket is haddock.")
		var wg sync.WaitGroup
		for want, c := range map[string]*askclient.Client{"swordfish": s.acme, "haddock": s.globex} {
			wg.Go(func() {
				got, err := c.Ask(t.Context(), "what is the launch code?", func(string) error { return nil })
				if err != nil || !strings.Contains(got.Text, want) {
					t.Errorf("want the answer %s, got %+v, %v", want, got, err)
				}
			})
		}
		for range 2 {
			select {
			case <-asked:
			case <-time.After(10 * time.Second):
				t.Error("two tenants share one answer")
			}
		}
		close(answer)
		wg.Wait()
	})
}
