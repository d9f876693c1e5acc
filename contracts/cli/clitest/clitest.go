// Package clitest checks that a [cli.Contributor] keeps its contract.
//
// A contributor's whole conformance test is:
//
//	func TestCommands(t *testing.T) {
//		clitest.Run(t, func() cli.Contributor { return commands{} },
//			clitest.Needs(func(t *testing.T) di.Resolver { return services(t) }))
//	}
package clitest

import (
	"context"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
)

// Run checks every rule of contributors, commands, generators and diagnoses on
// what newContributor returns. The examples of commands are run: those of
// commands with needs only if [Needs] says with what, which is a skip otherwise.
func Run(t *testing.T, newContributor func() cli.Contributor, opts ...Option) {
	t.Helper()
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(t.Context(), newContributor()); err != nil {
				t.Errorf("%v\ncli.%s", err, r.says)
			}
		})
	}
	for _, c := range commandsOf(newContributor()) {
		for _, line := range lines(c.Example) {
			t.Run("run "+line, func(t *testing.T) {
				var r di.Resolver
				if len(c.Needs) > 0 {
					if o.needs == nil {
						t.Skip("what the command needs is not given: pass clitest.Needs")
					}
					r = o.needs(t)
				}
				if err := checkRun(t.Context(), newContributor(), c.Path, line, r); err != nil {
					t.Errorf("%v\ncli.Command.Run", err)
				}
			})
		}
	}
}

// An Option tells Run about the application; there is none that turns a rule off.
type Option func(*options)

type options struct {
	needs func(t *testing.T) di.Resolver
}

// Needs has the examples of commands with needs run with the services of what
// resolver returns, anew for each example. It registers its cleanup on t.
func Needs(resolver func(t *testing.T) di.Resolver) Option {
	return func(o *options) { o.needs = resolver }
}

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, as the contract words it
	check func(ctx context.Context, c cli.Contributor) error
}

var rules = []rule{
	{"something", "Contributor: adds to its command line: it is a CommandContributor, a GeneratorContributor, a DoctorContributor", checkSomething},
	{"ID", "Contributor: ID is a lower-case word of letters, digits and dashes. It never changes", checkID},
	{"same commands", "CommandContributor: Commands returns the same commands on every call", checkSameCommands},
	{"flags shared", "CommandContributor: which share nothing: the flags of one call are not those of another", checkFlagsApart},
	{"paths", "Command: Path is one to three words of lower-case letters, digits and dashes", checkPaths},
	{"group", "Command: A command is no group of others", checkGroups},
	{"short", "Command: Short is one line without a period, 72 bytes at most", checkShort},
	{"example", "Command: Example holds at least one line, each a call that begins with Path", checkExamples},
	{"arguments", "Command: Args are the arguments behind the path", checkArguments},
	{"flags", "Command: Flags are lower-case words, each with a usage text", checkFlags},
	{"exits", "Command: Exits documents the exit statuses from 3 to 125", checkExits},
	{"needs", "Command: Needs are the services that Run resolves", checkNeeds},
	{"run", "Command: Run does it", checkHasRun},
	{"generators", "GeneratorDefinition: Name, Short and Example describe it", checkGenerators},
	{"options", "GeneratorOption: Name, Letter and Short describe it", checkOptions},
	{"files", "GeneratorDefinition: Generate returns the same for the same request; paths are local", checkFiles},
	{"diagnoses", "Diagnosis: Name and Short describe it, and Run returns findings", checkDiagnoses},
}
