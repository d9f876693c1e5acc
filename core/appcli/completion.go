package appcli

import (
	"bytes"
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/config"
)

// A script is what "completion" prints.
type script struct {
	Shell string `json:"shell"`
	Text  string `json:"script"`
}

// String returns the script.
func (s script) String() string { return s.Text }

func (p *program) completion(_ context.Context, call *cli.Call) error {
	var b bytes.Buffer
	var err error
	shell := call.Args[0]
	switch shell {
	case "bash":
		err = p.root.GenBashCompletionV2(&b, true)
	case "zsh":
		err = p.root.GenZshCompletion(&b)
	case "fish":
		err = p.root.GenFishCompletion(&b, true)
	case "powershell":
		err = p.root.GenPowerShellCompletionWithDesc(&b)
	default:
		text := fmt.Errorf("%q is not bash, zsh, fish or powershell", shell)
		if near := config.Nearest(shell, []string{"bash", "zsh", "fish", "powershell"}); near != "" {
			text = fmt.Errorf("%w (did you mean %q?)", text, near)
		}
		return cli.ErrUsage.Wrap(text, "completion")
	}
	if err != nil {
		return err
	}
	return call.Print(script{shell, b.String()})
}
