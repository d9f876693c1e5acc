package appcli

import (
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cli"
)

// fieldTests are what is right and what it means.
var fieldTests = map[string][]cli.Field{
	"name:string":                         {{Name: "name", Type: "string"}},
	"a:int?":                              {{Name: "a", Type: "int", Optional: true}},
	"a:int!unique":                        {{Name: "a", Type: "int", Unique: true}},
	"team:int!fk=Team":                    {{Name: "team", Type: "int", References: "Team"}},
	"team:int?!fk=Team!unique=7":          {{Name: "team", Type: "int", Optional: true, Unique: true, References: "Team", Default: "7", HasDefault: true}},
	"a:int!unique=5":                      {{Name: "a", Type: "int", Unique: true, Default: "5", HasDefault: true}},
	"a:text=":                             {{Name: "a", Type: "text", HasDefault: true}},
	`a:text=x\,y\\=!?:,b:int`:             {{Name: "a", Type: "text", Default: `x,y\=!?:`, HasDefault: true}, {Name: "b", Type: "int"}},
	"a:text= two words ,b_2:Timestamp_tz": {{Name: "a", Type: "text", Default: " two words ", HasDefault: true}, {Name: "b_2", Type: "Timestamp_tz"}},
}

func TestParseFields(t *testing.T) {
	for text, want := range fieldTests {
		got, err := ParseFields(text)
		if err != nil || !equal(got, want) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"":                        "column 1: ends where the name of a field should stand",
		"name":                    "column 5: ends where : and a type should stand",
		"name:":                   "column 6: ends where a type should stand",
		"1:int":                   `column 1: '1' stands where the name of a field should`,
		"a: int":                  `column 3: ' ' stands where a type should`,
		"a:int ":                  `column 6: ' ' stands where ?, !unique, !fk=, = or a comma should`,
		"a:int??":                 `column 7: '?'`,
		"a:int!uniq":              "column 7: !uniq is not !unique or !fk",
		"a:int!":                  "column 7: ends where unique or fk should stand",
		"a:int!unique!unique":     "column 14: !unique stands there twice",
		"a:int!fk":                "column 9: ends where = and a model should stand",
		"a:int!fk=":               "column 10: ends where a model should stand",
		"a:int!fk=A!fk=B":         "column 12: !fk stands there twice",
		"a:int,":                  "column 7: ends where the name of a field should stand",
		"a:int,a:text":            `column 7: there are two fields "a"`,
		`a:text=é\n`:              "column 9: a backslash stands before a comma or a backslash",
		`a:text=\`:                "column 8: a backslash",
		"a:text=\xff":             "is not text",
		"a:text=\x00":             "is not text",
		"größe:int":               `column 3: 'ö' stands where : and a type should`,
		"a:text=ü,b":              "column 11: ends where : and a type should stand",
		"a:int?!unique?":          "column 14: '?'",
		strings.Repeat("a", 2000): "column 2001: ends",
	} {
		got, err := ParseFields(text)
		if !errors.Is(err, cli.ErrField) || !errors.Is(err, cli.ErrUsage) || !strings.Contains(err.Error(), want) || got != nil || len(err.Error()) > 300 {
			t.Errorf("%q: %v, %v, want %s", text, got, err, want)
		}
	}
}

func equal(a, b []cli.Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// format writes a field as it is parsed.
func format(f cli.Field) string {
	s := f.Name + ":" + f.Type
	if f.Optional {
		s += "?"
	}
	if f.Unique {
		s += "!unique"
	}
	if f.References != "" {
		s += "!fk=" + f.References
	}
	if f.HasDefault {
		s += "=" + strings.NewReplacer(`\`, `\\`, `,`, `\,`).Replace(f.Default)
	}
	return s
}

// What parses means the same when it is written again.
func FuzzParseFields(f *testing.F) {
	for text := range fieldTests {
		f.Add(text)
	}
	f.Add("a:int!fk=,")
	f.Fuzz(func(t *testing.T, text string) {
		fields, err := ParseFields(text)
		if err != nil {
			if fields != nil || !errors.Is(err, cli.ErrField) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%v, %q", fields, err)
			}
			return
		}
		var parts []string
		for _, f := range fields {
			parts = append(parts, format(f))
		}
		again, err := ParseFields(strings.Join(parts, ","))
		if err != nil || !equal(fields, again) {
			t.Fatalf("%q: %+v, written again %+v, %v", text, fields, again, err)
		}
	})
}
