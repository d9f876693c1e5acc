package healthcheck

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/lexigram/lexigram-go/contracts/health"
)

// A HandlerOption changes what a handler shows.
type HandlerOption func(*handler)

// Verbose lets ?verbose show the name, status, message, time and details of each
// check. Serve such a handler to your own network only: they tell of the inside.
func Verbose() HandlerOption { return func(h *handler) { h.verbose = true } }

// Handler is [NewHandler] of the registry, which answers what is cached without
// asking for more than the status.
func (r *Registry) Handler(opts ...HandlerOption) http.Handler {
	return newHandler(r.Run, r.Status, opts)
}

// NewHandler answers GET and HEAD of /livez, /readyz and /startupz with what run
// reports for their probe, as JSON: 200 if the status is ready, and 503 if not;
// /livez is 200 for Starting too, because a restart helps nobody who is starting.
// Any other path is 404, any other method 405. run is [Registry.Run], or
// something around it, such as the Health of an application.
//
// A degraded application answers 200 and says "degraded" in the body: an
// orchestrator knows two answers only, and taking a working instance out of
// service, or restarting it, would turn a loss into an outage. Alert on the body.
//
// The body is {"status":"healthy"}, and no more without [Verbose].
func NewHandler(run func(context.Context, health.Probe) health.Report, opts ...HandlerOption) http.Handler {
	return newHandler(run, func(ctx context.Context, probe health.Probe) health.Status {
		return run(ctx, probe).Status
	}, opts)
}

// A handler answers probes.
type handler struct {
	run     func(context.Context, health.Probe) health.Report
	status  func(context.Context, health.Probe) health.Status
	verbose bool
}

func newHandler(run func(context.Context, health.Probe) health.Report, status func(context.Context, health.Probe) health.Status, opts []HandlerOption) http.Handler {
	h := &handler{run: run, status: status}
	for _, opt := range opts {
		opt(h)
	}
	mux := http.NewServeMux()
	for path, probe := range map[string]health.Probe{
		"/livez": health.Liveness, "/readyz": health.Readiness, "/startupz": health.Startup,
	} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, req *http.Request) { h.answer(w, req, probe) })
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

func (h *handler) answer(w http.ResponseWriter, req *http.Request, probe health.Probe) {
	var out reportJSON
	if h.verbose && req.URL.Query().Has("verbose") {
		report := h.run(req.Context(), probe)
		out.Status = report.Status
		out.Results = make(map[string]resultJSON, len(report.Results))
		for name, res := range report.Results {
			out.Results[name] = resultJSON{res.Status, res.Message, float64(res.Took.Microseconds()) / 1000, res.Details}
		}
	} else {
		out.Status = h.status(req.Context(), probe)
	}
	body, err := json.Marshal(out)
	if err != nil { // cannot be: texts and numbers
		http.Error(w, "cannot report", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !out.Status.Ready() && !(probe == health.Liveness && out.Status == health.Starting) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n')) // the prober went away: there is nobody to tell
}
