package boot

import (
	"cmp"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// A Report says where the time of a start went, and what did not come up. It is
// a copy: the caller owns it. In JSON, durations are nanoseconds.
type Report struct {
	// Took is how long Start took, of a failed one without the rollback.
	Took time.Duration `json:"took_ns"`
	// Phases are those that ended well, in their order: configure, register,
	// boot, shutdown (of optional providers that did not boot), build, bootstrap.
	Phases []Phase `json:"phases"`
	// Hooks are every Boot and Bootstrap that was called, the slowest first.
	Hooks []HookReport `json:"hooks"`
	// Critical is the chain of Boots that took the longest: each began when the
	// one before had ended. To boot faster, make one of these faster.
	Critical []HookReport `json:"critical"`
}

// A Phase is one phase of a start.
type Phase struct {
	Name string        `json:"name"`
	Took time.Duration `json:"took_ns"`
}

// A HookReport is one hook of one provider.
type HookReport struct {
	Module   string        `json:"module"`
	Provider string        `json:"provider"`
	Hook     Stage         `json:"hook"`
	Began    time.Duration `json:"began_ns"` // since Start was called
	Took     time.Duration `json:"took_ns"`
	Error    string        `json:"error,omitempty"`
}

// String returns one line, such as "sql/pool boot 1.2s".
func (h HookReport) String() string {
	s := h.Module + "/" + h.Provider + " " + string(h.Hook) + " " + round(h.Took)
	if h.Error != "" {
		s += " FAILED"
	}
	return s
}

// String returns the report as text for people, of several lines.
func (r Report) String() string {
	var b strings.Builder
	b.WriteString("start took " + round(r.Took) + "\n")
	for _, p := range r.Phases {
		b.WriteString("  " + p.Name + " " + round(p.Took) + "\n")
	}
	lines := func(title string, hooks []HookReport) {
		if len(hooks) > 0 {
			b.WriteString(title + "\n")
		}
		for _, h := range hooks {
			b.WriteString("  " + h.String())
			if h.Error != "" {
				b.WriteString(": " + h.Error)
			}
			b.WriteByte('\n')
		}
	}
	lines("critical path", r.Critical)
	lines("slowest hooks", r.Hooks[:min(len(r.Hooks), most)])
	return b.String()
}

// phases is how many phases a start has at most.
const phases = 6

// most is how many hooks a text lists.
const most = 10

// round leaves three digits or so.
func round(d time.Duration) string {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit).String()
}

// Report says where the time of Start went, also of one that failed. It is
// empty until Start has brought the application up, or begun to roll back.
func (a *App) Report() Report {
	a.mu.Lock()
	r := a.report
	a.mu.Unlock()
	if r.Took == 0 {
		return Report{}
	}
	r.Phases = slices.Clone(r.Phases)
	for _, wave := range a.waves {
		for _, n := range wave {
			r.Hooks = a.appendHook(r.Hooks, n, Boot, n.boot)
			r.Hooks = a.appendHook(r.Hooks, n, Bootstrap, n.bootstrap)
		}
	}
	slices.SortStableFunc(r.Hooks, func(x, y HookReport) int { return cmp.Compare(y.Took, x.Took) })
	r.Critical = a.critical()
	return r
}

// appendHook appends what is known of a hook, if it was called.
func (a *App) appendHook(hooks []HookReport, n *node, stage Stage, t timing) []HookReport {
	if t.began.IsZero() {
		return hooks
	}
	h := HookReport{Module: n.module, Provider: n.name, Hook: stage, Began: t.began.Sub(a.began), Took: t.took}
	if t.err != nil {
		h.Error = t.err.Error()
	}
	return append(hooks, h)
}

// critical walks back from the Boot that ended last: each time to the one that
// this one waited for.
func (a *App) critical() []HookReport {
	var path []HookReport
	for n := latest(slices.Concat(a.waves...)); n != nil; n = a.gate(n) {
		path = a.appendHook(path, n, Boot, n.boot)
	}
	slices.Reverse(path)
	return path
}

// gate returns the node that n waited for: of those that it needs in its own
// wave, or else of the earlier waves, the one that ended last.
func (a *App) gate(n *node) *node {
	var own, earlier []*node
	for _, p := range n.needs {
		if p.wave == n.wave {
			own = append(own, p)
		}
	}
	if p := latest(own); p != nil {
		return p
	}
	for _, wave := range a.waves {
		if wave[0].wave < n.wave {
			earlier = append(earlier, wave...)
		}
	}
	return latest(earlier)
}

// latest returns the node whose Boot ended last, or nil if none was called.
func latest(nodes []*node) *node {
	var last *node
	for _, n := range nodes {
		if !n.boot.began.IsZero() && (last == nil || !n.boot.end().Before(last.boot.end())) {
			last = n
		}
	}
	return last
}

// summary is the report as attributes of one line of a log.
func (r Report) summary() []slog.Attr {
	critical := make([]string, len(r.Critical))
	for i, h := range r.Critical {
		critical[i] = h.String()
	}
	slowest := "none"
	if len(r.Hooks) > 0 {
		slowest = r.Hooks[0].String()
	}
	return []slog.Attr{slog.String("slowest", slowest), slog.String("critical", strings.Join(critical, " -> "))}
}
