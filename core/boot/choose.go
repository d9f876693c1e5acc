package boot

import (
	"slices"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Choose returns a module of which configuration picks the backend: the
// candidate that name.backend names, or the first. The chosen one is configured
// by the section name.<its name>; sections of the others are ignored. The
// module exports what every candidate exports, so that picking another one
// breaks nobody.
func Choose(name string, candidates ...module.Descriptor) module.Descriptor {
	if candidates == nil {
		candidates = []module.Descriptor{} // a choice of nothing, which Start refuses
	}
	return module.Descriptor{Name: name, OneOf: candidates, Exports: common(candidates)}
}

// common returns the exports that every candidate has.
func common(candidates []module.Descriptor) []di.Key {
	var keys []di.Key
	for i, c := range candidates {
		exports := c.Exports
		if c.OneOf != nil && exports == nil {
			exports = common(c.OneOf)
		}
		if i == 0 {
			keys = slices.Clone(exports)
			continue
		}
		keys = slices.DeleteFunc(keys, func(k di.Key) bool { return !slices.Contains(exports, k) })
	}
	return keys
}
