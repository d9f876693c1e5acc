package di

import (
	"reflect"
	"strconv"
)

// A Key names a service: its type, and a name where an application has several.
type Key struct {
	// A fifth word would double the time of a resolve: the compiler keeps
	// structs of four in registers at most.
	Type reflect.Type
	Name string
}

// Optional returns the need of k's service if there is one: k with a "?" after
// its name. Freeze does not report it missing; where the service is there, it
// counts as any other need. [Maybe] resolves it by k itself.
func Optional(k Key) Key {
	k.Name += "?"
	return k
}

// KeyOf returns the key of T, usually an interface of a contract.
func KeyOf[T any](name ...string) Key {
	k := Key{Type: reflect.TypeFor[T]()}
	if len(name) > 0 {
		k.Name = name[0]
	}
	return k
}

// String returns the type, and the quoted name if there is one.
func (k Key) String() string {
	if k.Name == "" {
		return k.Type.String()
	}
	return k.Type.String() + " " + strconv.Quote(k.Name)
}
