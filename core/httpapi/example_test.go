package httpapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/core/httpapi"
)

func Example() {
	type order struct {
		Item  string `json:"item"`
		Count int    `json:"count"`
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		o, err := httpapi.DecodeJSON[order](w, r, 0)
		if err == nil && o.Count > 10 {
			err = errs.New("SHOP_STOCK", errs.Exhausted, "shop: not so many in stock").WithHint("order at most 10")
		}
		if err != nil {
			httpapi.WriteError(w, r, err)
			return
		}
		fmt.Fprint(w, "thank you")
	})
	for _, body := range []string{`{"item": "tea", "count": 1}`, `{"item": "tea", "cuont": 1}`, `{"item": "tea", "count": 11}`} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/orders", strings.NewReader(body)))
		fmt.Printf("%d %s\n", w.Code, bytes.TrimSpace(w.Body.Bytes()))
	}
	// Output:
	// 200 thank you
	// 400 {"type":"urn:lexigram:invalid","title":"Invalid request","status":400,"detail":"httpapi: body: validation failed: cuont is not a field of this request","instance":"/orders","code":"LEX_ERR_HTTP_002","errors":[{"field":"cuont","message":"is not a field of this request","code":"UNKNOWN"}]}
	// 429 {"type":"urn:lexigram:exhausted","title":"Limit reached","status":429,"detail":"shop: not so many in stock","instance":"/orders","code":"SHOP_STOCK","hint":"order at most 10"}
}

func ExampleIdempotent() {
	var store idempotency.Store = &records{} // of a backend
	once, err := httpapi.Idempotent(store, httpapi.IdempotentOptions{
		Principal: func(r *http.Request) (string, error) { return r.Header.Get("X-User"), nil }, // behind authentication
		Required:  true,
	})
	if err != nil {
		panic(err)
	}
	orders := 0
	handler := once(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		orders++
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, "order %d", orders)
	}))
	for _, body := range []string{"tea", "tea", "coffee"} {
		r := httptest.NewRequest(http.MethodPost, "/orders", strings.NewReader(body))
		r.Header.Set(httpapi.IdempotencyKeyHeader, `"8e03978e-40d5-43dd-bc93-6894a57f9324"`)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Printf("%d %.7s replayed: %q\n", w.Code, w.Body, w.Header().Get(httpapi.IdempotencyReplayedHeader))
	}
	// Output:
	// 201 order 1 replayed: ""
	// 201 order 1 replayed: "true"
	// 422 {"type" replayed: ""
}
