package boot

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/health"
)

// A healthProbe is one call of the command health.
type healthProbe struct {
	app     *App
	probe   string
	url     string
	timeout time.Duration
}

// notReady is the exit status of an application that may not get traffic.
const notReady = 3

func (p *healthProbe) command() cli.Command {
	return cli.Command{
		Path: "health", Short: "Ask every health check, here or of a running instance",
		Long: "Ask the health checks. With --url a running instance is asked over HTTP, which is what a container's health check wants; " +
			"without, the services that checks look at are started here, asked, and stopped again.",
		Example: "health\nhealth --url http://127.0.0.1:8080 --probe liveness\nhealth --json",
		Flags: func(fs *flag.FlagSet) {
			fs.StringVar(&p.probe, "probe", "readiness", "the `PROBE`: readiness, liveness or startup")
			fs.StringVar(&p.url, "url", "", "base `URL` of a running instance")
			fs.DurationVar(&p.timeout, "timeout", 30*time.Second, "how long to wait for all answers")
		},
		Exits: []cli.Exit{{Code: notReady, Means: "not ready"}},
		Run:   p.run,
	}
}

// A healthAnswer is what the command prints, and what the endpoint answers.
type healthAnswer struct {
	Status  string                  `json:"status"`
	Results map[string]healthDetail `json:"results,omitempty"`
}

type healthDetail struct {
	Status  string            `json:"status"`
	Message string            `json:"message,omitempty"`
	TookMS  float64           `json:"took_ms"`
	Details map[string]string `json:"details,omitempty"`
}

// String returns a line for each check under the status of all. An endpoint need
// not tell of checks.
func (a healthAnswer) String() string {
	if len(a.Results) == 0 {
		return cli.Plain(a.Status)
	}
	rows := [][]string{}
	for _, name := range slices.Sorted(maps.Keys(a.Results)) {
		r := a.Results[name]
		rows = append(rows, []string{name, r.Status, fmt.Sprintf("%.1f ms", r.TookMS), r.Message})
	}
	return cli.Plain(a.Status) + "\n\n" + cli.Table([]string{"CHECK", "STATUS", "TOOK", "MESSAGE"}, rows...)
}

var probePaths = map[string]struct {
	probe health.Probe
	path  string
}{
	"readiness": {health.Readiness, "/readyz"}, "liveness": {health.Liveness, "/livez"}, "startup": {health.Startup, "/startupz"},
}

func (p *healthProbe) run(ctx context.Context, call *cli.Call) error {
	asked, ok := probePaths[p.probe]
	if !ok {
		return cli.ErrUsage.Wrap(fmt.Errorf("--probe %q is not readiness, liveness or startup", p.probe), "health")
	}
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	var answer healthAnswer
	var ready bool
	var err error
	if p.url != "" {
		answer, ready, err = askInstance(ctx, strings.TrimSuffix(p.url, "/")+asked.path+"?verbose")
	} else {
		answer, ready, err = p.app.askHere(ctx, asked.probe)
	}
	if err != nil {
		return err
	}
	if err := call.Print(answer); err != nil {
		return err
	}
	if !ready {
		return &cli.ExitError{Code: notReady, Err: Err.Wrap(errors.New(cli.Plain(answer.Status)), "health")}
	}
	return nil
}

// askHere starts what the checks look at and asks them.
func (a *App) askHere(ctx context.Context, probe health.Probe) (answer healthAnswer, ready bool, err error) {
	err = a.do(ctx, &task{checks: true}, func(ctx context.Context, part *App) error {
		report := part.Health(ctx, probe)
		answer = healthAnswer{Status: report.Status.String(), Results: make(map[string]healthDetail, len(report.Results))}
		for name, r := range report.Results {
			answer.Results[name] = healthDetail{r.Status.String(), r.Message, float64(r.Took.Microseconds()) / 1000, r.Details}
		}
		ready = report.Status.Ready()
		return nil
	})
	return answer, ready, err
}

// askInstance asks the endpoint of a running instance.
func askInstance(ctx context.Context, url string) (answer healthAnswer, ready bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer, false, cli.ErrUsage.Wrap(err, "health")
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, Proxy: http.ProxyFromEnvironment}}
	res, err := client.Do(req)
	if err != nil {
		return answer, false, Err.Wrap(err, "health")
	}
	defer res.Body.Close() // it was only read
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return answer, false, Err.Wrap(err, "health: %s", config.RedactText(url))
	}
	if json.Unmarshal(body, &answer) != nil || answer.Status == "" || res.StatusCode != http.StatusOK && res.StatusCode != http.StatusServiceUnavailable {
		return answer, false, Err.Wrap(fmt.Errorf("answers %s, which is no health report", res.Status), "health: %s", config.RedactText(url))
	}
	return answer, res.StatusCode == http.StatusOK, nil
}
