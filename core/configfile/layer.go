package configfile

import "fmt"

// A Layer is one kind of source. A higher one wins over a lower one.
type Layer uint8

// The layers, from the lowest.
const (
	DefaultLayer     Layer = iota // Options.Defaults, and below them what the structs of Options.Sections hold
	FileLayer                     // Options.Files
	ProfileLayer                  // application.<profile>.json beside a file
	DotenvLayer                   // Options.EnvFiles
	EnvironmentLayer              // the environment of the process
	FlagLayer                     // Options.Flags
	OverrideLayer                 // Options.Overrides
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
func (l Layer) authored() bool { return l == FileLayer || l == ProfileLayer }
