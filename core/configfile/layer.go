package configfile

import "fmt"

// A Layer is one kind of source. A higher one wins over a lower one.
type Layer uint8

// The layers, from the lowest.
const (
	Default     Layer = iota // Options.Defaults, and below them what the structs of Options.Sections hold
	BaseFile                 // Options.Files
	ProfileFile              // application.<profile>.json beside a file
	Dotenv                   // Options.EnvFiles
	Variable                 // the environment of the process
	Flag                     // Options.Flags
	Override                 // Options.Overrides
)

var layerNames = [...]string{"default", "file", "profile", "dotenv", "environment", "flag", "override"}

// String returns one lower-case word, such as "environment".
func (l Layer) String() string {
	if int(l) < len(layerNames) {
		return layerNames[l]
	}
	return fmt.Sprintf("layer %d", l)
}

// MarshalText returns what String returns.
func (l Layer) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// authored reports whether people write ${NAME} in this layer.
func (l Layer) authored() bool { return l == BaseFile || l == ProfileFile }
