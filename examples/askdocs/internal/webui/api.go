package webui

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/core/httpapi"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/library"
)

// maxJSON bounds the bodies of requests that are not documents.
const maxJSON = 64 << 10

// A NewTenant asks for a tenant.
type NewTenant struct {
	Tenant tenancy.ID `json:"tenant"`
}

// A TenantKey is shown once.
type TenantKey struct {
	Tenant tenancy.ID `json:"tenant"`
	Key    string     `json:"key"`
}

func (s *Site) createTenant(w http.ResponseWriter, r *http.Request) error {
	if !s.admin(r) {
		return tenancy.ErrDenied.Wrap(nil, "askdocs: only the process's own admin key creates tenants: use askdocs import --tenant")
	}
	in, err := httpapi.DecodeJSON[NewTenant](w, r, maxJSON)
	if err != nil {
		return err
	}
	key, err := s.o.Library.CreateTenant(r.Context(), in.Tenant)
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusCreated, TenantKey{in.Tenant, key})
}

// A Status is what GET /api/status answers.
type Status struct {
	Tenant    tenancy.ID    `json:"tenant"`
	Documents library.Tally `json:"documents"`
	Import    Progress      `json:"import"`            // of the Go documents
	Waiting   string        `json:"waiting,omitempty"` // why a pending document could not be indexed yet
}

func (s *Site) status(w http.ResponseWriter, r *http.Request) error {
	id, err := tenancy.From(r.Context())
	if err != nil {
		return err
	}
	tally, err := s.o.Library.Count(r.Context())
	if err != nil {
		return err
	}
	waiting, err := s.o.Library.Waiting(r.Context())
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, Status{id, tally, s.o.Progress(), waiting})
}

// A Listing is a page of documents.
type Listing struct {
	Documents []library.Document `json:"documents"`
	Next      string             `json:"next,omitempty"` // give it as after to get the next page
}

func (s *Site) list(w http.ResponseWriter, r *http.Request) error {
	limit, err := number(r, "limit", 100)
	if err != nil {
		return err
	}
	docs, err := s.o.Library.List(r.Context(), r.FormValue("after"), limit)
	if err != nil {
		return err
	}
	l := Listing{Documents: docs}
	if len(docs) == limit {
		l.Next = docs[len(docs)-1].Path
	}
	return httpapi.WriteJSON(w, http.StatusOK, l)
}

// number reads a form value from 1 to 1,000.
func number(r *http.Request, name string, byDefault int) (int, error) {
	text := r.FormValue(name)
	if text == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1000 {
		return 0, library.ErrQuestion.Wrap(nil, "askdocs: %s %.20q is not 1 to 1000", name, text)
	}
	return n, nil
}

func (s *Site) upload(w http.ResponseWriter, r *http.Request) error {
	if err := writable(r.Context()); err != nil {
		return err
	}
	doc, err := s.o.Library.Add(r.Context(), r.PathValue("path"), r.Body, r.ContentLength)
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusAccepted, doc)
}

func (s *Site) document(w http.ResponseWriter, r *http.Request) error {
	doc, err := s.o.Library.Get(r.Context(), r.PathValue("path"))
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, doc)
}

func (s *Site) remove(w http.ResponseWriter, r *http.Request) error {
	if err := writable(r.Context()); err != nil {
		return err
	}
	if err := s.o.Library.Remove(r.Context(), r.PathValue("path")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// Hits is what GET /api/search answers.
type Hits struct {
	Hits []library.Hit `json:"hits"`
}

func (s *Site) search(w http.ResponseWriter, r *http.Request) error {
	limit, err := number(r, "limit", 10)
	if err != nil {
		return err
	}
	hits, err := s.o.Library.Find(r.Context(), r.FormValue("q"), limit)
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, Hits{hits})
}

// A Question asks.
type Question struct {
	Question string `json:"question"`
}

// ask answers in JSON, or as a stream of "text" events and one "answer" to a
// client that accepts text/event-stream.
func (s *Site) ask(w http.ResponseWriter, r *http.Request) error {
	question := r.URL.Query().Get("q")
	if r.Method == http.MethodPost {
		in, err := httpapi.DecodeJSON[Question](w, r, 4<<20) // so that a question that is too long is told its limit
		if err != nil {
			return err
		}
		question = in.Question
	}
	if !strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		answer, err := s.o.Library.Ask(r.Context(), question, nil)
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, answer)
	}
	out, err := httpapi.NewEvents(w)
	if err != nil {
		return err
	}
	answer, err := s.o.Library.Ask(r.Context(), question, func(text string) error { return out.SendJSON("text", text) })
	if err != nil {
		return s.endStream(r, out, err)
	}
	return s.endStream(r, out, out.SendJSON("answer", answer))
}

// endStream tells the error in the stream, whose status was sent long ago.
func (s *Site) endStream(r *http.Request, out *httpapi.Events, err error) error {
	if err == nil {
		return nil
	}
	problem := httpapi.ProblemOf(err)
	if serr := out.SendJSON("problem", problem); serr != nil || problem.Status >= http.StatusInternalServerError {
		s.o.Logger.WarnContext(r.Context(), "stream ended", "path", r.URL.Path, "error", errors.Join(err, serr))
	}
	return nil
}

// activity streams what happens in the tenant, from now on.
func (s *Site) activity(w http.ResponseWriter, r *http.Request) error {
	out, err := httpapi.NewEvents(w)
	if err != nil {
		return err
	}
	ctx, cancel := httpapi.StreamContext(r.Context())
	defer cancel()
	mine, err := tenancy.From(ctx)
	if err != nil {
		return err
	}
	feed := make(chan events.Event, 64)
	consumer, err := s.o.Activity.Subscribe(ctx, events.Subscription{
		Types: []string{library.EventIndexed, library.EventFailed, library.EventDeleted, library.EventAsked},
		Lanes: 1,
		Retry: events.Retry{Attempts: 1, Drop: true},
	}, func(hctx context.Context, ev events.Event) error {
		if id, err := tenancy.From(hctx); err != nil || id != mine {
			return err
		}
		select {
		case feed <- ev:
		default: // a browser that does not read does not hold up the others
		}
		return nil
	})
	if err != nil {
		return err
	}
	defer consumer.Stop()
	if err := out.Comment("listening"); err != nil {
		return nil // the client went away
	}
	alive := time.NewTicker(20 * time.Second) // so that a client that is gone is noticed
	defer alive.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case ev := <-feed:
			err = out.Send(ev.Type, string(ev.Data))
		case <-alive.C:
			err = out.Comment("")
		}
		if err != nil {
			return nil // the client went away
		}
	}
}
