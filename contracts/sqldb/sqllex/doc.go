// Package sqllex cuts SQL text into words, literals, comments and the rest, as
// far as a backend or a migrator must know them: to find placeholders, the end
// of a statement, or what kind of statement it is. It does not parse.
//
//	for lex := sqllex.New("SELECT '$1', $1", sqldb.SQLite); ; {
//		t, ok := lex.Next()
//		if !ok {
//			break
//		}
//		if t.Kind == sqllex.Placeholder { … }
//	}
package sqllex
