package flags

import (
	"slices"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/features"
)

// evaluate decides a flag that normalize returned.
func (f *Flag) evaluate(s features.Subject) features.Evaluation {
	e := features.Evaluation{Key: f.Key, Value: f.Off, Type: f.Type, Reason: features.NoMatch}
	if f.Disabled {
		e.Reason = features.FlagDisabled
		if f.Type == features.Variant {
			e.Variant = f.DefaultVariant
		}
		return e
	}
	holds := false
	switch f.Type {
	case features.Boolean:
		holds, e.Reason = true, features.Static
	case features.Percentage:
		holds, e.Reason = f.Percent == 100 || s.ID != "" && features.Bucket(s.ID, f.Key) < f.Percent, features.Split
	case features.UserList:
		holds = slices.Contains(f.Users, s.ID)
	case features.UserAttribute:
		holds = len(f.Attributes) > 0
		for name, want := range f.Attributes {
			got, ok := s.Attributes[name]
			holds = holds && ok && got == want
		}
	case features.TimeBased:
		now := clock.System{}.Now()
		holds = (f.Start.IsZero() || !now.Before(f.Start)) && (f.End.IsZero() || !now.After(f.End))
	case features.Variant:
		return f.variant(s, e)
	}
	if holds {
		e.Value = f.Value
		if e.Reason == features.NoMatch {
			e.Reason = features.Match
		}
	}
	return e
}

// variant decides which of the variants a subject has.
func (f *Flag) variant(s features.Subject, e features.Evaluation) features.Evaluation {
	e.Variant = f.DefaultVariant
	if s.ID == "" {
		return e
	}
	bucket, upTo := features.Bucket(s.ID, f.Key), 0
	for _, w := range f.Variants {
		if upTo += w.Weight; bucket < upTo {
			e.Value, e.Variant, e.Reason = w.Value, w.Name, features.Split
			return e
		}
	}
	e.Reason = features.Split
	return e
}
