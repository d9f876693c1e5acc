package configfile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/config/configtest"
	"github.com/lexigram/lexigram-go/core/configfile"
)

func docs(all ...string) (list [][]byte) {
	for _, s := range all {
		list = append(list, []byte(s))
	}
	return list
}

var jsonSamples = configtest.Samples{
	Values: []byte(`{
"text": "hello",
"digits": "8080",
"yes": true,
"no": false,
"port": 8080,
"large": 9007199254740993,
"ratio": 0.5,
"none": null,
"list": [1, "two", [3]],
"nested": {"a": {"b": "\u00fc"}}
}`),
	Begins:    2,
	Duplicate: []byte("{\"a\": {\n\"b\": 1,\n\"b\": 2}}"),
	Malformed: docs(`{`, `{"a"}`, `{"a":1,}`, `{"a":1} {}`, `{"a":1}x`, `{a:1}`, `{'a':1}`, `{"a":01}`, `{"a":+1}`, `{"a":NaN}`, "{\"a\":\"\n\"}", "{\"a\":\"\xff\"}", `// no`),
	Refused: docs(`[]`, `1`, `"a"`, `null`, `{"a":1e999}`, `{"a":9223372036854775808}`, `{"a":-99999999999999999999}`,
		strings.Repeat(`{"a":`, 100)+"1"+strings.Repeat("}", 100), `{"a":`+strings.Repeat("[", 100)+strings.Repeat("]", 100)+"}"),
	Empty: docs(" \n\t", "{}", "{ }\n"),
}

func TestJSONConformance(t *testing.T) { configtest.RunFormat(t, configfile.JSON{}, jsonSamples) }

func FuzzJSON(f *testing.F) { configtest.Fuzz(f, configfile.JSON{}, jsonSamples) }

func TestJSONErrorsNameTheLine(t *testing.T) {
	for doc, line := range map[string]int{
		"{\n\"a\": 1,\n\"b\" 2}": 3,
		"{\n\n\"a\": }":          3,
		"{\"a\":\n\n":            2,
		"{\n\"a\":\"\xff\"}":     2,
		"{\n\"a\":\n1e999}":      3,
	} {
		_, err := configfile.JSON{}.Parse([]byte(doc))
		if k, ok := errors.AsType[*config.KeyError](err); !ok || k.Line != line {
			t.Errorf("%q: %v, want line %d", doc, err, line)
		}
	}
}
