// Package module is the contract of what a package contributes to an application.
package module

import (
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
)

// A Descriptor is one module of an application. Its providers may resolve its
// own services and those of Needs; what it does not export is hidden from others.
type Descriptor struct {
	// Name is the name of the module and of its configuration section: a
	// lower-case word of letters, digits and underscores that begins with a letter.
	Name string
	// Providers holds no nil, and no two of them register the same key, unless
	// the later one replaces the earlier.
	Providers []lifecycle.Provider
	// Needs are services of other modules, by what they are and never by whose
	// they are; each is named once. One with the name "*" is every exported
	// service of its type; what the module can do without is [di.Optional].
	Needs []di.Key
	// Exports are the services that others may need. A provider registers each
	// of them. What others collect ("*") has to be exported too.
	Exports []di.Key
	// Config is a pointer to a struct that holds the defaults. The section
	// Name is decoded into it before any provider registers; a key that the
	// struct lacks is an error. nil if it has no configuration. Module
	// functions make a new one on every call.
	Config any
	// OneOf are the candidates of a choice: exactly one of them is used, the
	// one that the key "backend" of section Name names, or the first. Its
	// configuration is the subsection of its own name, such as cache.redis;
	// those of the others are ignored. The candidates' names differ, and none
	// is "backend". A choice has no Providers and no Config; its Exports are
	// keys that every candidate exports, all of those if it names none. What the
	// candidate exports besides can be collected ("*"), and not needed by its key.
	OneOf []Descriptor
}
