package main

import "go/types"

func isType(obj types.Object) bool {
	_, ok := obj.(*types.TypeName)
	return ok
}

// satisfies says why impl, a type or a function that returns one, does not
// implement the interface, "" if it or a pointer to it does.
func satisfies(impl, iface types.Object) string {
	typ := impl.Type()
	switch f := impl.(type) {
	case *types.TypeName:
	case *types.Func:
		results := f.Signature().Results()
		if results.Len() == 0 {
			return "it is a function without results"
		}
		typ = results.At(0).Type()
	default:
		return "it is neither a type nor a function"
	}
	typ = ownInstance(typ)
	want, why := instantiate(iface.Type(), typ)
	if why != "" {
		return why
	}
	if isType(impl) && types.IsInterface(typ) {
		return "it is an interface itself"
	}
	target, ok := want.Underlying().(*types.Interface)
	if !ok {
		return "the contract is no interface"
	}
	if types.Implements(typ, target) || types.Implements(types.NewPointer(typ), target) {
		return ""
	}
	m, wrongType := types.MissingMethod(types.NewPointer(typ), target, true)
	switch {
	case m == nil:
		return "its type parameters do not fit"
	case wrongType:
		return "method " + m.Name() + " has another signature"
	}
	return "it lacks method " + m.Name()
}

// ownInstance gives a generic type its own type parameters as arguments:
// without arguments its methods speak of the parameters of their receivers.
func ownInstance(typ types.Type) types.Type {
	named, ok := typ.(*types.Named)
	if !ok || named.TypeParams().Len() == 0 || named.TypeArgs().Len() > 0 {
		return typ
	}
	var args []types.Type
	for p := range named.TypeParams().TypeParams() {
		args = append(args, p)
	}
	inst, err := types.Instantiate(nil, named, args, false)
	if err != nil {
		return typ
	}
	return inst
}

// instantiate gives a generic interface the type arguments of the
// implementation, so that Repo[T] is measured against Repository[T].
func instantiate(iface, impl types.Type) (types.Type, string) {
	generic, ok := iface.(*types.Named)
	if !ok || generic.TypeParams().Len() == 0 {
		return iface, ""
	}
	if p, ok := impl.(*types.Pointer); ok {
		impl = p.Elem()
	}
	named, ok := impl.(*types.Named)
	if !ok || named.TypeArgs().Len() != generic.TypeParams().Len() {
		return nil, "it has another number of type parameters"
	}
	var args []types.Type
	for t := range named.TypeArgs().Types() {
		args = append(args, t)
	}
	inst, err := types.Instantiate(nil, generic, args, false)
	if err != nil {
		return nil, err.Error()
	}
	return inst, ""
}
