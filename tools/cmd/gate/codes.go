package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

var codeForm = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*_[0-9]{3}$`)

// codes checks that no two sentinels share a code: errors.Is compares sentinels
// by it, so one that is used twice makes two families one.
func codes(_ context.Context, e *env) error {
	var bad []string
	first := make(map[string]string)
	err := e.files(".go", func(name string) error {
		if strings.HasSuffix(name, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, filepath.Join(e.tree.Root, filepath.FromSlash(name)), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil //nolint:nilerr // the gate vet is the one to speak of it
		}
		ast.Inspect(f, func(n ast.Node) bool {
			code, ok := declared(n)
			if !ok {
				return true
			}
			at := fmt.Sprintf("%s:%d", name, set.Position(n.Pos()).Line)
			switch {
			case !codeForm.MatchString(code):
				bad = append(bad, fmt.Sprintf("%s: code %q is not capitals and three digits, such as LEX_ERR_CACHE_002", at, code))
			case first[code] != "":
				bad = append(bad, fmt.Sprintf("%s: code %s is that of %s too", at, code, first[code]))
			default:
				first[code] = at
			}
			return true
		})
		return nil
	})
	if err != nil {
		return err
	}
	return sorted(bad)
}

// declared returns the code of the sentinel that a call of errs.New or
// (*errs.Error).Sub makes: three arguments, of which the first and the last are texts.
func declared(n ast.Node) (code string, ok bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 3 {
		return "", false
	}
	switch fun := call.Fun.(type) {
	case *ast.SelectorExpr:
		pkg, _ := fun.X.(*ast.Ident)
		ok = fun.Sel.Name == "Sub" || fun.Sel.Name == "New" && pkg != nil && pkg.Name == "errs"
	case *ast.Ident:
		ok = fun.Name == "New" && strings.HasPrefix(text(call.Args[0]), "LEX_ERR_") // in package errs itself
	default:
		ok = false
	}
	if !ok || text(call.Args[2]) == "" {
		return "", false
	}
	return text(call.Args[0]), true
}

// text returns the value of a string literal, or "".
func text(e ast.Expr) string {
	lit, _ := e.(*ast.BasicLit)
	if lit == nil || lit.Kind != token.STRING {
		return ""
	}
	s, _ := strconv.Unquote(lit.Value) // the parser has read it
	return s
}
