package appcli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// An examination is one diagnosis and what it found.
type examination struct {
	Contributor string        `json:"contributor"`
	Diagnosis   string        `json:"diagnosis"`
	Findings    []cli.Finding `json:"findings"`
}

// A checkup is what "doctor" prints.
type checkup struct {
	Examinations []examination `json:"diagnoses"`
	Errors       int           `json:"errors"`
	Warnings     int           `json:"warnings"`

	colour func(c colour, text string) string
}

// String returns a line for each diagnosis and below it one for each finding.
func (c checkup) String() string {
	var b strings.Builder
	for _, e := range c.Examinations {
		if len(e.Findings) == 0 {
			fmt.Fprintf(&b, "%s  %s %s\n", c.colour(green, "ok   "), e.Contributor, e.Diagnosis)
		}
		for _, f := range e.Findings {
			mark := c.colour(red, "error")
			if f.Warning {
				mark = c.colour(yellow, "warn ")
			}
			text := strings.TrimPrefix(strings.TrimPrefix(f.String(), "error: "), "warning: ")
			fmt.Fprintf(&b, "%s  %s %s: %s\n", mark, e.Contributor, e.Diagnosis, cli.Plain(text))
		}
	}
	return b.String()
}

// doctor prints everything that is wrong at once. It fails if something is.
func (p *program) doctor(ctx context.Context, call *cli.Call) error {
	c := checkup{colour: func(c colour, text string) string { return paint(p.stdout, c, text) }}
	c.add("application", "assembly", lines(p.problems))
	for _, found := range p.found {
		d, ok := found.Contributor.(cli.DoctorContributor)
		if !ok {
			continue
		}
		for _, diagnosis := range d.Diagnoses() {
			var findings []cli.Finding
			err := errs.Catch(func() error { findings = diagnosis.Run(ctx); return nil })
			c.add(d.ID(), diagnosis.Name, append(findings, lines(err)...))
		}
	}
	if err := errors.Join(call.Print(c), ctx.Err()); err != nil {
		return err
	}
	if c.Errors > 0 {
		return cli.Err.Wrap(fmt.Errorf("%d error(s), %d warning(s)", c.Errors, c.Warnings), "doctor")
	}
	return nil
}

func (c *checkup) add(contributor, diagnosis string, findings []cli.Finding) {
	for _, f := range findings {
		if f.Warning {
			c.Warnings++
		} else {
			c.Errors++
		}
	}
	if findings == nil {
		findings = []cli.Finding{} // [] in JSON
	}
	c.Examinations = append(c.Examinations, examination{contributor, diagnosis, findings})
}

// lines returns a finding for each line of an error, which joins several.
func lines(err error) []cli.Finding {
	if err == nil {
		return nil
	}
	var all []cli.Finding
	for line := range strings.Lines(err.Error()) {
		all = append(all, cli.Finding{Problem: strings.TrimRight(line, "\n")})
	}
	return all
}
