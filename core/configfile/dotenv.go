package configfile

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// dotenvVar is an assignment of a .env file.
type dotenvVar struct {
	name, text string
	line       int // where it begins
}

// parseDotenv reads the assignments of a .env file, in their order. It reads
// what a shell would read alike and refuses the rest:
//
//	# a comment
//	export NAME=plain     # of characters that mean nothing to a shell
//	NAME='as it stands'   # may go on over lines
//	NAME="quoted"         # may go on over lines; \" \\ \$ and \` are escapes
func parseDotenv(data []byte) ([]dotenvVar, error) {
	if !utf8.Valid(data) {
		return nil, malformed(lineAt(data, invalidAt(data)), "", "is not UTF-8")
	}
	p := dotenvParser{rest: strings.ReplaceAll(string(data), "\r\n", "\n"), line: 1}
	if i := strings.IndexFunc(p.rest, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); i >= 0 {
		return nil, malformed(lineAt([]byte(p.rest), i), "", "has a control character")
	}
	var all []dotenvVar
	seen := map[string]int{}
	for {
		p.blank()
		if p.rest == "" {
			return all, nil
		}
		v, problem := p.assignment()
		if before := seen[v.name]; problem == "" && before > 0 {
			problem, p.line = fmt.Sprintf("%s is set twice, before on line %d", v.name, before), v.line
		}
		if problem != "" {
			return nil, malformed(p.line, "", problem)
		}
		seen[v.name] = v.line
		all = append(all, v)
	}
}

// dotenvParser reads from the beginning of rest, which stands on line.
type dotenvParser struct {
	rest string
	line int
}

// take returns the next n bytes.
func (p *dotenvParser) take(n int) string {
	s := p.rest[:n]
	p.rest = p.rest[n:]
	p.line += strings.Count(s, "\n")
	return s
}

func (p *dotenvParser) spaces() int { return len(p.rest) - len(strings.TrimLeft(p.rest, " \t")) }

// blank skips empty lines and comments.
func (p *dotenvParser) blank() {
	for {
		p.take(p.spaces())
		switch {
		case strings.HasPrefix(p.rest, "#"):
			p.take(lineLength(p.rest))
		case strings.HasPrefix(p.rest, "\n"):
			p.take(1)
		default:
			return
		}
	}
}

func lineLength(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i
	}
	return len(s)
}

// assignment reads one, up to the end of its line. Problems show no value.
func (p *dotenvParser) assignment() (v dotenvVar, problem string) {
	if after, ok := strings.CutPrefix(p.rest, "export"); ok && strings.TrimLeft(after, " \t") != after {
		p.take(len("export"))
		p.take(p.spaces())
	}
	v.line = p.line
	name, _, ok := strings.Cut(p.rest[:lineLength(p.rest)], "=")
	switch {
	case !ok:
		return v, "is no NAME=value"
	case !isName(name):
		return v, "has a name before the = that is not letters, digits and _"
	}
	v.name = name
	p.take(len(name) + 1)
	switch {
	case strings.HasPrefix(p.rest, "'"):
		v.text, problem = p.single()
	case strings.HasPrefix(p.rest, `"`):
		v.text, problem = p.double()
	default:
		v.text, problem = p.plain()
	}
	if problem == "" {
		problem = p.end()
	}
	if problem != "" {
		problem = name + " " + problem
	}
	return v, problem
}

// end reads what may follow a value: a comment.
func (p *dotenvParser) end() (problem string) {
	n := p.spaces()
	rest := p.rest[n:lineLength(p.rest)]
	if rest != "" && (n == 0 || rest[0] != '#') {
		return "has something after its value: put all of the value in quotes"
	}
	p.take(n + len(rest))
	return ""
}

// plain reads a value without quotes.
func (p *dotenvParser) plain() (text, problem string) {
	line := p.rest[:lineLength(p.rest)]
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		line = line[:i]
	}
	if i := strings.IndexAny(line, "\"'\\`$;&|<>()~"); i >= 0 {
		return "", fmt.Sprintf("has a plain value with a %c, which a shell would not leave as it is: put it in single quotes", line[i])
	}
	return p.take(len(line)), ""
}

func (p *dotenvParser) single() (text, problem string) {
	text, _, ok := strings.Cut(p.rest[1:], "'")
	if !ok {
		return "", "has a ' without another one"
	}
	p.take(len(text) + 2)
	return text, ""
}

func (p *dotenvParser) double() (text, problem string) {
	var b strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; c {
		case '"':
			p.take(i + 1)
			return b.String(), ""
		case '$', '`':
			return "", fmt.Sprintf("has a %c in double quotes, where a shell would replace it: write \\%c or use single quotes", c, c)
		case '\\':
			i++
			if i == len(p.rest) || strings.IndexByte("\"\\$`", p.rest[i]) < 0 {
				return "", "has a \\ before something else than \" \\ $ and `: write \\\\ for a plain one, and a line break as one"
			}
			b.WriteByte(p.rest[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", `has a " without another one`
}
