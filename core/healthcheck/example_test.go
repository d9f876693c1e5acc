package healthcheck_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/core/healthcheck"
)

func Example() {
	registry, err := healthcheck.New(
		health.Check{Name: "database", Checker: health.CheckerFunc(func(context.Context) health.Result {
			return health.Result{Status: health.Healthy}
		})},
		health.Check{Name: "mail", Optional: true, Checker: health.CheckerFunc(func(context.Context) health.Result {
			return health.Result{Status: health.Unhealthy, Message: "connection refused"}
		})},
	)
	if err != nil {
		panic(err)
	}
	for _, path := range []string{"/livez", "/readyz"} {
		w := httptest.NewRecorder()
		registry.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		fmt.Print(path, " ", w.Code, " ", w.Body)
	}
	// Output:
	// /livez 200 {"status":"healthy"}
	// /readyz 200 {"status":"degraded"}
}
