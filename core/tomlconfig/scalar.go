package tomlconfig

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// The grammar of numbers of TOML 1.1, whatever the parser lets through. Underscores
// stand between digits.
var (
	decimal = regexp.MustCompile(`^[-+]?(0|[1-9](_?[0-9])*)$`)
	based   = regexp.MustCompile(`^0(x[0-9A-Fa-f](_?[0-9A-Fa-f])*|o[0-7](_?[0-7])*|b[01](_?[01])*)$`)
	float   = regexp.MustCompile(`^[-+]?(0|[1-9](_?[0-9])*)(\.[0-9](_?[0-9])*)?([eE][-+]?[0-9](_?[0-9])*)?$`)
	endless = regexp.MustCompile(`^[-+]?(inf|nan)$`)
)

const tooLarge = "is too large a number; quote it if it is text"

// scalar returns the value of a node, or what is wrong with it.
func scalar(n *unstable.Node) (value any, problem string) {
	text := string(n.Data)
	switch n.Kind {
	case unstable.String:
		return text, ""
	case unstable.Bool:
		return text == "true", ""
	case unstable.Integer:
		return integer(text)
	case unstable.Float:
		return fraction(text)
	case unstable.LocalDate, unstable.LocalTime, unstable.LocalDateTime, unstable.DateTime:
		return nil, "is a date or time, which configuration holds as text: quote it"
	}
	return nil, "is nothing that configuration holds"
}

func integer(text string) (any, string) {
	base := 10
	switch {
	case based.MatchString(text):
		base = 0
	case !decimal.MatchString(text):
		return nil, "is no number; quote it if it is text"
	}
	i, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), base, 64)
	if err != nil {
		return nil, tooLarge
	}
	return i, ""
}

func fraction(text string) (any, string) {
	switch {
	case endless.MatchString(text):
		return nil, "is no finite number; quote it if it is text"
	case !float.MatchString(text):
		return nil, "is no number; quote it if it is text"
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, tooLarge
	}
	return f, ""
}
