package healthcheck

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/lexigram/lexigram-go/contracts/health"
)

// Handler is [NewHandler] of the registry's own Run.
func (r *Registry) Handler() http.Handler { return NewHandler(r.Run) }

// NewHandler answers GET and HEAD of /livez, /readyz and /startupz with what run
// reports for their probe, as JSON: 200 if the status is ready, and 503 if not.
// Any other path is 404, any other method 405. run is [Registry.Run], or
// something around it, such as the Health of an application.
//
// A degraded application answers 200 and says "degraded" in the body: an
// orchestrator knows two answers only, and taking a working instance out of
// service, or restarting it, would turn a loss into an outage. Alert on the body.
//
// The body is {"status":"healthy"}; with ?verbose it has the result of each
// check too. Serve verbose probes to your own network only: names and messages
// tell of the inside.
func NewHandler(run func(context.Context, health.Probe) health.Report) http.Handler {
	mux := http.NewServeMux()
	for path, probe := range map[string]health.Probe{
		"/livez": health.Liveness, "/readyz": health.Readiness, "/startupz": health.Startup,
	} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, req *http.Request) {
			answer(w, req, run(req.Context(), probe))
		})
	}
	return mux
}

// reportJSON is the body of an answer.
type reportJSON struct {
	Status  health.Status         `json:"status"`
	Results map[string]resultJSON `json:"results,omitempty"`
}

type resultJSON struct {
	Status  health.Status     `json:"status"`
	Message string            `json:"message,omitempty"`
	TookMS  float64           `json:"took_ms"`
	Details map[string]string `json:"details,omitempty"`
}

func answer(w http.ResponseWriter, req *http.Request, report health.Report) {
	out := reportJSON{Status: report.Status}
	if req.URL.Query().Has("verbose") {
		out.Results = make(map[string]resultJSON, len(report.Results))
		for name, res := range report.Results {
			out.Results[name] = resultJSON{res.Status, res.Message, float64(res.Took.Microseconds()) / 1000, res.Details}
		}
	}
	body, err := json.Marshal(out)
	if err != nil { // cannot be: texts and numbers
		http.Error(w, "cannot report", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !report.Status.Ready() {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n')) // the prober went away: there is nobody to tell
}
