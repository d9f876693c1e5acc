// Package httpapi has what an HTTP service over net/http needs and the standard
// library leaves open: errors as problem details (RFC 9457), strict JSON bodies,
// request IDs, access logs, requests that are executed once ([Idempotent]),
// server-sent events that end when the service drains, and a server as a part of
// an application.
//
//	mux := http.NewServeMux()
//	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
//		order, err := httpapi.DecodeJSON[Order](w, r, 0)
//		if err == nil {
//			err = orders.Place(r.Context(), order)
//		}
//		if err != nil {
//			httpapi.WriteError(w, r, err)
//		}
//	})
//	handler := httpapi.Chain(mux, httpapi.RequestID, httpapi.AccessLog(log), httpapi.Recover(log))
package httpapi
