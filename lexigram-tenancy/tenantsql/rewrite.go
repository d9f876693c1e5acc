package tenantsql

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

const placeholder = "tenant"

// rewrite returns sql with each $tenant as the placeholder after those of n
// arguments. It refuses what it cannot read with certainty.
func rewrite(sql string, dialect sqldb.Dialect, n int) (string, error) {
	if strings.IndexByte(sql, 0) >= 0 {
		return "", errors.New("NUL in the statement") // a driver in C stops reading there
	}
	if n+1 > sqldb.MaxParams {
		return "", fmt.Errorf("%d arguments and $tenant are more than %d", n, sqldb.MaxParams)
	}
	number := strconv.Itoa(n + 1)
	l := lexer{sql: sql, dialect: dialect}
	var out strings.Builder
	out.Grow(len(sql) + 8)
	copied, found, ended := 0, false, false
	for {
		t, err := l.next()
		if err != nil {
			return "", err
		}
		if t.kind == end {
			break
		}
		if ended && t.kind != ignored {
			return "", errors.New("more than one statement")
		}
		switch {
		case t.kind == semicolon:
			ended = true
		case t.kind == dollar && t.name == placeholder:
			out.WriteString(sql[copied:t.start])
			out.WriteByte('$')
			out.WriteString(number)
			copied, found = t.end, true
		case t.kind == dollar:
			if err := argument(t.name, n); err != nil {
				return "", err
			}
		}
	}
	if !found {
		return "", errors.New("it does not use $tenant")
	}
	out.WriteString(sql[copied:])
	return out.String(), nil
}

// argument checks the placeholder $name against n arguments: one without an
// argument would get the tenant.
func argument(name string, n int) error {
	i, err := strconv.Atoi(name)
	if err != nil || name[0] < '0' || name[0] > '9' {
		return fmt.Errorf("placeholder $%s is neither $tenant nor a number", name)
	}
	if i < 1 || i > n {
		return fmt.Errorf("placeholder $%s with %d arguments", name, n)
	}
	return nil
}
