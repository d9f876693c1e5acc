package eventscli

import (
	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Module returns the module "eventscli", which contributes events tail and
// events publish. It needs an [events.Publisher] and an [events.Subscriber].
func Module() module.Descriptor {
	return describe("eventscli", Commands{}, di.KeyOf[events.Publisher](), di.KeyOf[events.Subscriber]())
}

// Streams returns the module "streamscli", which contributes streams list and
// streams read. It needs an [eventstore.Log].
func Streams() module.Descriptor {
	return describe("streamscli", StreamCommands{}, di.KeyOf[eventstore.Log]())
}

func describe(name string, c cli.Contributor, needs ...di.Key) module.Descriptor {
	return module.Descriptor{Name: name, Providers: []lifecycle.Provider{provider{name, c}}, Needs: needs}
}

type provider struct {
	name     string
	commands cli.Contributor
}

func (p provider) Name() string { return p.name }

func (p provider) Register(r di.Registrar) error {
	return di.Value(r, p.commands, di.Named(p.name))
}
