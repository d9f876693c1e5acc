package appcli

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/cli"
)

// ParseFields parses fields of a generator, with commas between them:
//
//	name:string,email:string!unique,team:int?!fk=Team,note:text=none
//
// A field is name:type[?][!unique][!fk=Model][=default] in this order of the
// last part; "!unique" and "!fk" may stand in any order. Names, types and models
// are words of ASCII letters, digits and _ that begin with a letter. A default
// goes to the next comma; in it \, is a comma and \\ a backslash. An error
// matches [cli.ErrField] and names the column, counted in characters from 1.
func ParseFields(text string) ([]cli.Field, error) {
	p := fieldParser{text: text}
	seen := map[string]bool{}
	var fields []cli.Field
	for {
		at := p.at
		f, err := p.field()
		if err != nil {
			return nil, err
		}
		if seen[f.Name] {
			return nil, p.fault(at, "there are two fields %q", f.Name)
		}
		seen[f.Name] = true
		fields = append(fields, f)
		if p.at == len(text) {
			return fields, nil
		}
		if !p.take(',') {
			return nil, p.unexpected("?, !unique, !fk=, = or a comma")
		}
	}
}

type fieldParser struct {
	text string
	at   int // bytes
}

func (p *fieldParser) field() (f cli.Field, err error) {
	if f.Name, err = p.word("the name of a field"); err != nil {
		return f, err
	}
	if !p.take(':') {
		return f, p.unexpected(": and a type")
	}
	if f.Type, err = p.word("a type"); err != nil {
		return f, err
	}
	f.Optional = p.take('?')
	for p.take('!') {
		if err := p.modifier(&f); err != nil {
			return f, err
		}
	}
	if p.take('=') {
		f.HasDefault = true
		f.Default, err = p.value()
	}
	return f, err
}

// modifier reads what follows a "!".
func (p *fieldParser) modifier(f *cli.Field) error {
	at := p.at
	name, err := p.word("unique or fk")
	if err != nil {
		return err
	}
	switch {
	case name == "unique" && !f.Unique:
		f.Unique = true
	case name == "fk" && f.References == "":
		if !p.take('=') {
			return p.unexpected("= and a model")
		}
		f.References, err = p.word("a model")
	case name == "unique", name == "fk":
		return p.fault(at, "!%s stands there twice", name)
	default:
		return p.fault(at, "!%s is not !unique or !fk", name)
	}
	return err
}

func (p *fieldParser) take(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *fieldParser) word(what string) (string, error) {
	end := p.at
	for end < len(p.text) {
		c := p.text[end]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (end == p.at || c != '_' && (c < '0' || c > '9')) {
			break
		}
		end++
	}
	if end == p.at {
		return "", p.unexpected(what)
	}
	w := p.text[p.at:end]
	p.at = end
	return w, nil
}

// value reads a default, up to a comma.
func (p *fieldParser) value() (string, error) {
	var b strings.Builder
	for ; p.at < len(p.text) && p.text[p.at] != ','; p.at++ {
		c := p.text[p.at]
		if c == '\\' {
			if p.at++; p.at == len(p.text) || p.text[p.at] != ',' && p.text[p.at] != '\\' {
				return "", p.fault(p.at-1, `a backslash stands before a comma or a backslash`)
			}
			c = p.text[p.at]
		}
		b.WriteByte(c)
	}
	if s := b.String(); !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", p.fault(p.at, "the default is not text")
	}
	return b.String(), nil
}

func (p *fieldParser) unexpected(want string) error {
	if p.at == len(p.text) {
		return p.fault(p.at, "ends where %s should stand", want)
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at:])
	return p.fault(p.at, "%q stands where %s should", r, want)
}

func (p *fieldParser) fault(at int, format string, args ...any) error {
	column := utf8.RuneCountInString(p.text[:at]) + 1
	return cli.ErrField.Wrap(fmt.Errorf(format, args...), "fields %.100q: column %d", p.text, column)
}
