package httpapi_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/core/httpapi"
)

type input struct {
	Name  string   `json:"name"`
	Count int8     `json:"count"`
	Flag  bool     `json:"flag"`
	Tags  []string `json:"tags"`
	Inner struct {
		Price float64 `json:"price"`
	} `json:"inner"`
}

type checked struct {
	Name string `json:"name"`
}

func (c *checked) Validate() error {
	var v errs.ValidationError
	if c.Name == "" {
		v.Add("name", "is empty", "")
	}
	if c.Name == "panic" {
		panic("in Validate")
	}
	return v.Err()
}

func post(body, contentType string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

func TestDecodeJSON(t *testing.T) {
	for _, ct := range []string{"", "application/json", "application/json; charset=utf-8", "application/merge-patch+json"} {
		v, err := httpapi.DecodeJSON[input](httptest.NewRecorder(), post(` {"name":"a","count":3,"tags":["x"],"inner":{"price":1.5}} `, ct), 0)
		if err != nil || v.Name != "a" || v.Count != 3 || v.Inner.Price != 1.5 {
			t.Errorf("%q: %+v, %v", ct, v, err)
		}
	}
}

func TestDecodeJSONRefuses(t *testing.T) {
	for _, tc := range []struct {
		body, field, message string
	}{
		{`{"nmae":"a"}`, "nmae", "not a field"},
		{`{"inner":{"cost":1}}`, "cost", "not a field"},
		{`{"name":"a","name":"b"}`, "name", "given twice"},
		{`{"name":"a","Name":"b"}`, "Name", "given twice"},
		{`{"tags":[],"tagſ":["b"]}`, "tagſ", "given twice"}, // a long s, which encoding/json takes for one
		{`{"tags":[],"inner":{"price":1,"price":2}}`, "inner.price", "given twice"},
		{`{"name":1}`, "name", "is a number, want a string"},
		{`{"count":"1"}`, "count", "is a string, want an integer of 8 bits"},
		{`{"count":300}`, "count", "want an integer of 8 bits"},
		{`{"count":1.5}`, "count", "want an integer"},
		{`{"flag":0}`, "flag", "want true or false"},
		{`{"tags":{}}`, "tags", "is an object, want an array"},
		{`{"inner":{"price":"x"}}`, "inner.price", "want a number"},
		{`[]`, "body", "is an array, want an object"},
		{`"x"`, "body", "want an object"},
		{strings.Repeat(`{"name":`, 100) + "1" + strings.Repeat("}", 100), "name.name", "deeper"},
		{``, "", "empty"},
		{`  `, "", "empty"},
		{`{"name":"a"`, "", "not JSON"},
		{`{"name":"a"} {}`, "", "not JSON"},
		{`{"name":"a"}x`, "", "not JSON"},
		{"{\"name\":\"\xff\"}", "", "UTF-8"},
	} {
		_, err := httpapi.DecodeJSON[input](httptest.NewRecorder(), post(tc.body, ""), 0)
		if !errors.Is(err, httpapi.ErrBody) || httpapi.StatusOf(err) != 400 || !strings.Contains(err.Error(), tc.message) {
			t.Errorf("%.40s: %v, want %q", tc.body, err, tc.message)
		}
		v, ok := errors.AsType[*errs.ValidationError](err)
		if ok != (tc.field != "") || ok && !strings.HasPrefix(v.Fields[0].Field, tc.field) {
			t.Errorf("%.40s: %+v, want field %q", tc.body, v, tc.field)
		}
	}
}

func TestDecodeJSONLimits(t *testing.T) {
	body := `{"name":"` + strings.Repeat("x", 100) + `"}`
	if _, err := httpapi.DecodeJSON[input](httptest.NewRecorder(), post(body, ""), int64(len(body))); err != nil {
		t.Errorf("a body of just the limit: %v", err)
	}
	_, err := httpapi.DecodeJSON[input](httptest.NewRecorder(), post(body, ""), int64(len(body)-1))
	if !errors.Is(err, httpapi.ErrTooLarge) || httpapi.StatusOf(err) != 413 {
		t.Errorf("a byte more: %v", err)
	}
	if _, err := httpapi.DecodeJSON[input](httptest.NewRecorder(), post(body, ""), -1); !errors.Is(err, httpapi.ErrOptions) {
		t.Errorf("negative limit: %v", err)
	}
	for _, ct := range []string{"text/plain", "application/x-www-form-urlencoded", "nonsense;;", "text/x+json"} {
		if _, err := httpapi.DecodeJSON[input](httptest.NewRecorder(), post(body, ct), 0); !errors.Is(err, httpapi.ErrMediaType) || httpapi.StatusOf(err) != 415 {
			t.Errorf("%s: %v", ct, err)
		}
	}
	torn := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader(`{"na`), tornReader{}))
	if _, err := httpapi.DecodeJSON[input](httptest.NewRecorder(), torn, 0); !errors.Is(err, httpapi.ErrBody) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a torn body: %v", err)
	}
}

type tornReader struct{}

func (tornReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestDecodeJSONValidates(t *testing.T) {
	_, err := httpapi.DecodeJSON[checked](httptest.NewRecorder(), post(`{"name":""}`, ""), 0)
	if v, ok := errors.AsType[*errs.ValidationError](err); !ok || v.Fields[0].Field != "name" {
		t.Errorf("%v", err)
	}
	if _, err := httpapi.DecodeJSON[checked](httptest.NewRecorder(), post(`{"name":"panic"}`, ""), 0); !errors.Is(err, errs.ErrPanic) {
		t.Errorf("a panic in Validate: %v", err)
	}
	if v, err := httpapi.DecodeJSON[checked](httptest.NewRecorder(), post(`{"name":"a"}`, ""), 0); err != nil || v.Name != "a" {
		t.Errorf("%v %v", v, err)
	}
}

func FuzzDecodeJSON(f *testing.F) {
	for _, s := range []string{`{"name":"a"}`, `{"name":"a","name":"b"}`, `[[[[`, `{"tags":["a",{"b":[1]}]}`, "\xff", `{"inner":{"price":1e999}}`, "1 2", `{"":{}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		_, err := httpapi.DecodeJSON[input](httptest.NewRecorder(), post(body, ""), 1000)
		if err != nil && httpapi.StatusOf(err) != 400 && httpapi.StatusOf(err) != 413 {
			t.Errorf("%q: %v is status %d", body, err, httpapi.StatusOf(err))
		}
	})
}
