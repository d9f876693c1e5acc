package config

import "strings"

// An Environment says where an application runs.
type Environment string

// The environments. The zero value counts as [Development].
const (
	Development Environment = "development"
	Staging     Environment = "staging"
	Production  Environment = "production"
	Test        Environment = "test"
)

// ParseEnvironment returns the environment that s names, in upper or lower case,
// or an error wrapping [ErrValue] that names the valid ones; "" is [Development].
func ParseEnvironment(s string) (Environment, error) {
	switch e := Environment(strings.ToLower(s)); e {
	case "":
		return Development, nil
	case Development, Staging, Production, Test:
		return e, nil
	}
	return "", ErrValue.Wrap(nil, "config: environment %q is not one of development, staging, production, test", s)
}
