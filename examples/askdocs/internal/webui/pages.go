package webui

import (
	"bytes"
	"errors"
	"html/template"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/core/httpapi"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/library"
)

type pages struct{ t *template.Template }

func newPages() (*pages, error) {
	t, err := template.New("").Funcs(template.FuncMap{"docURL": docURL, "excerpt": excerpt}).ParseFS(files, "templates/*.html")
	return &pages{t}, err
}

// docURL returns where the page shows a document, at the section of a reference
// path#anchor. A path may have a "#" too.
func docURL(path, ref string) string {
	anchor := strings.TrimPrefix(strings.TrimPrefix(ref, path), "#")
	u := url.URL{Path: "/documents/" + path, Fragment: anchor}
	return u.String()
}

// excerpt marks the matches of a hit, or shows how it begins.
func excerpt(h library.Hit) template.HTML {
	if h.Excerpt == "" {
		text := []rune(h.Text)
		return template.HTML(template.HTMLEscapeString(string(text[:min(len(text), 200)])))
	}
	return template.HTML(strings.NewReplacer("\x02", "<mark>", "\x03", "</mark>").Replace(template.HTMLEscapeString(h.Excerpt)))
}

// render writes a template once it is known to succeed.
func (p *pages) render(w http.ResponseWriter, status int, name string, data any) error {
	var buf bytes.Buffer
	if err := p.t.ExecuteTemplate(&buf, name, data); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = buf.WriteTo(w) // the client went away; there is nobody to tell
	return nil
}

// A page is what the template shows.
type page struct {
	Tenant                   tenancy.ID
	Writable                 bool
	Indexed, Pending, Failed int
	Question, Problem        string
	Answer                   *library.Answer
	Hits                     []library.Hit
	Documents                []library.Document
	Next                     string
	MaxQuestion              int
	MaxDocument              config.Size
}

const pageSize = 50

func (s *Site) showPage(w http.ResponseWriter, r *http.Request) error {
	id, err := tenancy.From(r.Context())
	if err != nil {
		return err
	}
	setCookie(w, library.CookieTenant, string(id))
	p, err := s.page(r)
	if err != nil {
		return err
	}
	return s.pages.render(w, http.StatusOK, "page.html", p)
}

func (s *Site) page(r *http.Request) (*page, error) {
	ctx := r.Context()
	id, err := tenancy.From(ctx)
	if err != nil {
		return nil, err
	}
	tally, err := s.o.Library.Count(ctx)
	if err != nil {
		return nil, err
	}
	docs, err := s.o.Library.List(ctx, r.FormValue("after"), pageSize)
	if err != nil {
		return nil, err
	}
	p := &page{
		Tenant: id, Writable: id != library.Golang, Question: r.URL.Query().Get("q"), Documents: docs,
		Indexed: tally[library.Indexed], Pending: tally[library.Pending], Failed: tally[library.Failed],
		MaxQuestion: s.o.Library.MaxQuestion(), MaxDocument: config.Size(s.o.Library.MaxDocument()),
	}
	if len(docs) == pageSize {
		p.Next = docs[pageSize-1].Path
	}
	if p.Question == "" {
		return p, nil
	}
	answer, err := s.o.Library.Ask(ctx, p.Question, nil)
	if err == nil {
		p.Answer = &answer
		p.Hits, err = s.o.Library.Find(ctx, p.Question, 10)
	}
	if errors.Is(err, library.ErrQuestion) {
		p.Problem, err = err.Error(), nil
	}
	return p, err
}

func (s *Site) showDocument(w http.ResponseWriter, r *http.Request) error {
	id, err := tenancy.From(r.Context())
	if err != nil {
		return err
	}
	doc, err := s.o.Library.Get(r.Context(), r.PathValue("path"))
	if err != nil {
		return err
	}
	sections, err := s.o.Library.Sections(r.Context(), doc)
	if err != nil {
		return err
	}
	return s.pages.render(w, http.StatusOK, "document.html", struct {
		Tenant   tenancy.ID
		Document library.Document
		Sections []library.Section
	}{id, doc, sections})
}

// chooseTenant remembers a tenant and its key in the browser.
func (s *Site) chooseTenant(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxJSON)
	setCookie(w, library.CookieTenant, strings.TrimSpace(r.FormValue("tenant")))
	setCookie(w, library.CookieKey, strings.TrimSpace(r.FormValue("key")))
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// setCookie keeps a value from scripts and from other sites. It is not marked
// Secure, because askdocs serves loopback without TLS.
func setCookie(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: url.QueryEscape(value), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: 30 * 24 * 3600})
}

// uploadForm stores the files of the page's form and reports the first problem.
func (s *Site) uploadForm(w http.ResponseWriter, r *http.Request) error {
	if err := writable(r.Context()); err != nil {
		return err
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return library.ErrDocument.Wrap(err, "askdocs: upload")
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return library.ErrDocument.Wrap(err, "askdocs: upload")
		}
		if err := s.uploadPart(r, part); err != nil {
			return err
		}
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (s *Site) uploadPart(r *http.Request, part *multipart.Part) error {
	defer part.Close()
	if part.FileName() == "" {
		return nil
	}
	_, err := s.o.Library.Add(r.Context(), part.FileName(), part, -1)
	return err
}

// pageError shows an error as a page, without the tenant's documents.
func (s *Site) pageError(w http.ResponseWriter, r *http.Request, err error) {
	problem := httpapi.ProblemOf(err)
	if problem.Status >= http.StatusInternalServerError {
		s.o.Logger.ErrorContext(r.Context(), "page failed", "path", r.URL.Path, "error", err)
	}
	p := &page{Problem: problem.Detail, Tenant: library.Golang, MaxQuestion: s.o.Library.MaxQuestion()}
	if rerr := s.pages.render(w, problem.Status, "page.html", p); rerr != nil {
		s.o.Logger.ErrorContext(r.Context(), "page failed", "path", r.URL.Path, "error", rerr)
	}
}
