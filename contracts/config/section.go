package config

// Section decodes the section under key over defaults, as [Config] says, and
// returns the result. With an error it returns defaults as they were given.
func Section[T any](c Config, key string, defaults T) (T, error) {
	filled := defaults
	if err := c.Decode(key, &filled); err != nil {
		return defaults, err
	}
	return filled, nil
}

// A Locator is a [Config] that knows where its keys stand, for errors of those
// who read it with Lookup.
type Locator interface {
	// Locate returns the Source and Line of a [KeyError] about key; ok is false
	// if nothing stands under it.
	Locate(key string) (source string, line int, ok bool)
}

// NewKeyError returns a [*KeyError] about key, with the place where it stands
// if c is a [Locator] that knows it.
func NewKeyError(c Config, key, problem string, sentinel error) *KeyError {
	e := &KeyError{Key: key, Problem: problem, Sentinel: sentinel}
	if l, ok := c.(Locator); ok {
		e.Source, e.Line, _ = l.Locate(key)
	}
	return e
}
