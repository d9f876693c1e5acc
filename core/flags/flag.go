package flags

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/features"
)

// A Flag says how a flag is decided. What its Type does not use is left zero.
type Flag struct {
	Key  string
	Type features.FlagType // "" means [features.Boolean]
	// Disabled switches the flag off for everybody.
	Disabled bool
	// Value is that of the flag where its rule holds, and Off where it does not or the
	// flag is disabled: bool, string or float64, both of one type. nil means true, and the
	// zero value of Value's type. A [features.Boolean] flag that is not disabled has Value.
	Value, Off any

	Percent    int               // of subjects, 0 to 100, by [features.Bucket]; one without an ID is in 100 only
	Users      []string          // the IDs of subjects
	Attributes map[string]string // all of which the subject has; of an empty map none holds
	Start, End time.Time         // both inclusive; zero is open

	// Variants divide 100 buckets among them in the order of their names. The buckets
	// that are left over, and subjects without an ID, have the one named DefaultVariant.
	Variants       []WeightedVariant
	DefaultVariant string
}

// A WeightedVariant is one of several values of a flag.
type WeightedVariant struct {
	Name   string
	Weight int // how many of 100 buckets
	Value  any // nil means Name
}

// normalize returns f with its defaults, sharing nothing with it, or says what is wrong
// with it.
func (f Flag) normalize() (Flag, error) {
	if err := features.CheckKey(f.Key); err != nil {
		return f, err
	}
	f.Type = cmp.Or(f.Type, features.Boolean)
	f.Users = slices.Clone(f.Users)
	f.Attributes = maps.Clone(f.Attributes)
	var v errs.ValidationError
	if f.Type == features.Variant {
		f.normalizeVariants(&v)
	} else {
		f.normalizeValues(&v)
	}
	switch f.Type {
	case features.Boolean, features.UserList, features.UserAttribute, features.Variant:
	case features.Percentage:
		if f.Percent < 0 || f.Percent > 100 {
			v.Add("percent", "must be 0 to 100", "")
		}
	case features.TimeBased:
		if !f.Start.IsZero() && !f.End.IsZero() && f.End.Before(f.Start) {
			v.Add("end", "is before start", "")
		}
	default:
		v.Add("type", "is not one of boolean, percentage, user_list, user_attribute, time_based, variant", "")
	}
	if err := v.Err(); err != nil {
		return f, features.Err.Wrap(err, "flags: flag %q", f.Key)
	}
	return f, nil
}

func (f *Flag) normalizeValues(v *errs.ValidationError) {
	if f.Value == nil {
		f.Value = true
	}
	if features.CheckValue(f.Key, f.Value) != nil {
		v.Add("value", "is not a bool, string or float64", "")
		return
	}
	if f.Off == nil {
		f.Off = zeroOf(f.Value)
	}
	if !sameType(f.Value, f.Off) {
		v.Add("off", "is of another type than value", "")
	}
}

func (f *Flag) normalizeVariants(v *errs.ValidationError) {
	f.Variants = slices.Clone(f.Variants)
	slices.SortFunc(f.Variants, func(a, b WeightedVariant) int { return cmp.Compare(a.Name, b.Name) })
	sum := 0
	var rest any
	for i := range f.Variants {
		w := &f.Variants[i]
		if w.Value == nil {
			w.Value = w.Name
		}
		sum += w.Weight
		switch {
		case w.Name == "", i > 0 && w.Name == f.Variants[i-1].Name:
			v.Add("variants", "need names of their own", "")
		case w.Weight < 0 || w.Weight > 100:
			v.Add("variants", "have weights of 0 to 100", "")
		case features.CheckValue(f.Key, w.Value) != nil || !sameType(w.Value, f.Variants[0].Value):
			v.Add("variants", "have values that are bools, strings or float64s, all of one type", "")
		}
		if w.Name == f.DefaultVariant {
			rest = w.Value
		}
	}
	switch {
	case len(f.Variants) == 0:
		v.Add("variants", "are missing", "")
	case sum > 100:
		v.Add("variants", "have weights of more than 100 together", "")
	case rest == nil && (sum < 100 || f.DefaultVariant != ""):
		v.Add("default_variant", "must name one of the variants, for the rest of 100", "")
	}
	if len(f.Variants) > 0 {
		f.Off = cmp.Or(rest, zeroOf(f.Variants[0].Value))
	}
}

func zeroOf(v any) any {
	switch v.(type) {
	case string:
		return ""
	case float64:
		return 0.0
	}
	return false
}

func sameType(a, b any) bool {
	switch a.(type) {
	case bool:
		_, ok := b.(bool)
		return ok
	case string:
		_, ok := b.(string)
		return ok
	case float64:
		_, ok := b.(float64)
		return ok
	}
	return false
}
