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
// breaks nobody; what the chosen one exports besides is for those who collect
// its type ("*"), such as the migrations of a backend over SQL.
func Choose(name string, candidates ...module.Descriptor) module.Descriptor {
	if candidates == nil {
		candidates = []module.Descriptor{} // a choice of nothing, which Start refuses
	}
	return module.Descriptor{Name: name, OneOf: candidates, Exports: common(candidates)}
}

// exportsOf returns the exports of a module: those of a choice that names none
// are what its candidates have in common.
func exportsOf(d module.Descriptor) []di.Key {
	if d.OneOf != nil && d.Exports == nil {
		return common(d.OneOf)
	}
	return d.Exports
}

// common returns the exports that every candidate has.
func common(candidates []module.Descriptor) []di.Key {
	var keys []di.Key
	for i, c := range candidates {
		exports := exportsOf(c)
		if i == 0 {
			keys = slices.Clone(exports)
			continue
		}
		keys = slices.DeleteFunc(keys, func(k di.Key) bool { return !slices.Contains(exports, k) })
	}
	return keys
}
