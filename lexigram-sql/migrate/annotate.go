package migrate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

// A script is what one file says.
type script struct {
	up, down []statement
	parted   bool // it has an Up, so that what comes after Down is the way back
	hasDown  bool
	noTx     bool
}

// A parser reads a file and its annotations, which the package comment lists:
// comments on lines of their own.
type parser struct {
	splitter
	script
	block bool // between StatementBegin and StatementEnd
}

// parse reads a file, of which line ends are \n.
func parse(text string, d sqldb.Dialect) (script, error) {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return script{}, errors.New("is not UTF-8 without NUL")
	}
	p := parser{splitter: splitter{file: text}}
	for lex := sqllex.New(text, d); ; {
		t, ok := lex.Next()
		if !ok {
			break
		}
		err := p.token(t)
		if err == nil && t.Kind == sqllex.Comment {
			if err = p.comment(t); err != nil {
				err = fmt.Errorf("line %d: %w", p.line(t.At), err)
			}
		}
		if err != nil {
			return script{}, err
		}
	}
	if p.block {
		return script{}, errors.New("a StatementBegin has no StatementEnd")
	}
	p.end(len(text))
	p.part()
	return p.script, nil
}

// alone reports whether nothing stands before t on its line.
func (p *parser) alone(t sqllex.Token) bool {
	before := p.file[:t.At]
	return strings.TrimSpace(before[strings.LastIndexByte(before, '\n')+1:]) == ""
}

// part gives the statements so far to where they belong.
func (p *parser) part() {
	if p.hasDown {
		p.down = append(p.down, p.take()...)
	} else {
		p.up = append(p.up, p.take()...)
	}
}

// comment looks for an annotation in a comment.
func (p *parser) comment(t sqllex.Token) error {
	words := strings.Fields(strings.TrimLeft(t.Text, "-"))
	if len(words) == 0 || !strings.HasPrefix(t.Text, "--") {
		return nil
	}
	first, rest := strings.ToLower(words[0]), words[1:]
	if (first == "+goose" || first == "+lexigram") && !p.alone(t) {
		return fmt.Errorf("annotation %.40q stands behind something: give it a line of its own", strings.TrimSpace(t.Text))
	}
	switch first {
	case "+goose":
		return p.goose(strings.ToLower(strings.Join(rest, " ")), t)
	case "+lexigram":
		return p.own(rest)
	case "+migrate", "migrate:up", "migrate:down":
		return fmt.Errorf("%q is another tool's: write -- +goose Up and -- +goose Down", strings.TrimSpace(t.Text))
	}
	if strings.HasPrefix(t.Text, "----") && strings.Contains(t.Text, "drop below") {
		return errors.New("the mark between the ways is another tool's: write -- +goose Up and -- +goose Down")
	}
	return nil
}

func (p *parser) goose(mark string, t sqllex.Token) error {
	wrong := ""
	switch mark {
	case "up":
		switch {
		case p.parted || p.hasDown:
			wrong = "comes twice, or after Down"
		case p.any || len(p.all) > 0:
			wrong = "has statements before it"
		}
		p.parted = true
	case "down":
		switch {
		case !p.parted || p.hasDown:
			wrong = "comes twice, or without Up"
		case p.block:
			wrong = "stands between StatementBegin and StatementEnd"
		}
		p.end(t.At)
		p.part()
		p.hasDown = true
	case "statementbegin", "statementend":
		if p.block == (mark == "statementbegin") {
			wrong = "has no partner"
		}
		p.end(t.At)
		p.block = !p.block
	case "no transaction":
		p.noTx = true
	case "envsub off":
	default:
		wrong = "is not one of Up, Down, StatementBegin, StatementEnd and NO TRANSACTION"
	}
	if wrong != "" {
		return fmt.Errorf("annotation %.40q %s", mark, wrong)
	}
	return nil
}

func (p *parser) own(words []string) error {
	switch {
	case len(words) == 1 && words[0] == "no-transaction":
		p.noTx = true
	case len(words) > 1 && words[0] == "allow":
		for _, word := range words[1:] {
			rule := strings.Trim(word, ",")
			if !slices.Contains(ruleIDs(), rule) {
				return fmt.Errorf("there is no rule %.40q to allow, but %s", rule, strings.Join(ruleIDs(), ", "))
			}
			p.allow = append(p.allow, rule)
		}
	default:
		return fmt.Errorf("annotation %.40q is neither no-transaction nor allow RULE", strings.Join(words, " "))
	}
	return nil
}
