package appcli

import (
	"context"
	"runtime/debug"

	"github.com/lexigram/lexigram-go/contracts/cli"
)

// builtins are the commands of every application. The application's own
// commands may stand in for them.
func (p *program) builtins() []entry {
	all := []cli.Command{
		{
			Path: "serve", Short: "Start the application and serve until it is interrupted", Example: "serve",
			Long: "Start the application and serve until SIGINT or SIGTERM, then stop it in good order. A second signal does not wait.",
			Run:  p.serve,
		},
		{
			Path: "doctor", Short: "Find faults of the configuration, the modules and the environment", Example: "doctor\ndoctor --json",
			Long: "Find everything that is wrong before anything is started: the configuration, the graph of services, and what modules look at. Warnings alone are no failure.",
			Run:  p.doctor,
		},
		{
			Path: "version", Short: "Print the version", Example: "version\nversion --json",
			Run: func(_ context.Context, call *cli.Call) error { return call.Print(p.version()) },
		},
		{
			Path: "completion", Args: "SHELL", Short: "Print a script that completes commands in a shell",
			Long:    "Print a script for bash, zsh, fish or powershell, which the shell sources at its start.",
			Example: "completion bash\ncompletion zsh\ncompletion fish\ncompletion powershell",
			Run:     p.completion,
		},
	}
	entries := make([]entry, len(all))
	for i, c := range all {
		entries[i] = entry{Command: c}
	}
	return entries
}

func (p *program) serve(ctx context.Context, _ *cli.Call) error {
	if p.app == nil {
		return p.problems
	}
	return p.app.Run(ctx)
}

// A version is what "version" prints.
type version struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // of the sources
	Modified bool   `json:"modified,omitempty"` // the sources were not those of the revision
	Go       string `json:"go"`
}

// String returns one line, such as "orders v1.2.0 (4f2c81a, go1.26.0)".
func (v version) String() string {
	text := v.Name + " " + v.Version + " ("
	if v.Revision != "" {
		text += v.Revision
		if v.Modified {
			text += " modified"
		}
		text += ", "
	}
	return text + v.Go + ")"
}

func (p *program) version() version {
	v := version{Name: p.Name, Version: p.Version}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Go = info.GoVersion
	if v.Version == "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}
