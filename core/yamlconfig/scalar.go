package yamlconfig

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The core schema of YAML 1.2, §10.3.2.
var (
	decimal     = regexp.MustCompile(`^[-+]?[0-9]+$`)
	octal       = regexp.MustCompile(`^0o[0-7]+$`)
	hexadecimal = regexp.MustCompile(`^0x[0-9a-fA-F]+$`)
	float       = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	infinite    = regexp.MustCompile(`^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
)

// plain reports whether a scalar has neither quotes nor a tag, so that its text
// says what it is.
func plain(n *yaml.Node) bool {
	const marked = yaml.TaggedStyle | yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	return n.Style&marked == 0
}

// resolve returns the value of a scalar. The parser's own resolution is that of
// YAML 1.1 in part, and not used.
func resolve(n *yaml.Node) (value any, problem string) {
	if n.Style&yaml.TaggedStyle != 0 {
		return resolveTagged(n)
	}
	if !plain(n) {
		return n.Value, ""
	}
	return resolvePlain(n.Value)
}

func resolvePlain(s string) (value any, problem string) {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return nil, ""
	case "true", "True", "TRUE":
		return true, ""
	case "false", "False", "FALSE":
		return false, ""
	}
	switch {
	case decimal.MatchString(s):
		return integer(strings.TrimPrefix(s, "+"), 10)
	case octal.MatchString(s):
		return integer(s[2:], 8)
	case hexadecimal.MatchString(s):
		return integer(s[2:], 16)
	case float.MatchString(s):
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsInf(f, 0) {
			return nil, "is too large a number; quote it if it is text"
		}
		return f, ""
	case infinite.MatchString(s):
		return nil, "is no finite number; quote it if it is text"
	}
	return s, ""
}

func integer(digits string, base int) (any, string) {
	i, err := strconv.ParseInt(digits, base, 64)
	if err != nil {
		return nil, "is too large a number; quote it if it is text"
	}
	return i, ""
}

// resolveTagged reads a scalar as its tag says.
func resolveTagged(n *yaml.Node) (value any, problem string) {
	tag := n.ShortTag()
	if tag == "!!str" {
		return n.Value, ""
	}
	value, problem = resolvePlain(n.Value)
	if problem != "" {
		return nil, problem
	}
	ok := false
	switch tag {
	case "!!null":
		ok = value == nil
	case "!!bool":
		_, ok = value.(bool)
	case "!!int":
		_, ok = value.(int64)
	case "!!float":
		if i, whole := value.(int64); whole {
			value = float64(i)
		}
		_, ok = value.(float64)
	default:
		return nil, badTag(n)
	}
	if !ok {
		return nil, "is not what its tag " + n.Tag + " says"
	}
	return value, ""
}

// tagIs reports whether a list or mapping has no other tag.
func tagIs(n *yaml.Node, tag string) bool {
	return n.Style&yaml.TaggedStyle == 0 || n.ShortTag() == tag
}

// badTag says that configuration has no such tag.
func badTag(n *yaml.Node) string {
	return "has " + tagOf(n) + ", which configuration does not use; quote text that begins with !"
}

// tagOf names a tag of YAML's own. Another one may be a password that nobody quoted.
func tagOf(n *yaml.Node) string {
	switch tag := n.ShortTag(); tag {
	case "!!binary", "!!timestamp", "!!set", "!!omap", "!!pairs", "!!seq", "!!map", "!!str", "!!null", "!!bool", "!!int", "!!float", "!!merge":
		return "the tag " + tag
	}
	return "a tag"
}
