package lock

import (
	"context"
	"errors"
	"time"
)

// Info describes a lease. Times are by the store's clock.
type Info struct {
	Name       string
	Holder     string // the owner, as it was given
	Fence      uint64
	AcquiredAt time.Time // when it began, however often it was extended
	ExpiresAt  time.Time
}

// Expired reports whether the lease has ended at now.
func (i Info) Expired(now time.Time) bool { return !now.Before(i.ExpiresAt) }

// Remaining returns how long the lease lasts after now, zero if it has ended.
func (i Info) Remaining(now time.Time) time.Duration { return max(0, i.ExpiresAt.Sub(now)) }

// An Inspector is a [Store] that tells who holds a name. Use [Inspect].
type Inspector interface {
	Store
	// Inspect returns the live lease on name, or an error wrapping [ErrFree].
	// What it says may be over when it is read: it is for people, who can
	// break a lock with it: Release takes the name and the Holder.
	Inspect(ctx context.Context, name string) (Info, error)
}

// Inspect returns the live lease on name; an error wrapping [ErrFree] if there is none,
// and [errors.ErrUnsupported] if s is no [Inspector].
func Inspect(ctx context.Context, s Store, name string) (Info, error) {
	if i, ok := s.(Inspector); ok {
		return i.Inspect(ctx, name)
	}
	return Info{}, Err.Wrap(errors.ErrUnsupported, "lock: inspect %.40q", name)
}
