package tenancy

import (
	"context"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A Status says whether a tenant may work. Only [Active] ones may.
type Status string

// The statuses of tenants.
const (
	Provisioning Status = "provisioning" // being set up; counts as inactive
	Active       Status = "active"
	Inactive     Status = "inactive"
	Suspended    Status = "suspended"
)

// Info is a tenant. It is a value; its Metadata must not be changed.
type Info struct {
	ID       ID
	Slug     string // unique; how people and host names name the tenant; obeys [CheckID]
	Name     string // for people
	Status   Status
	Metadata map[string]string
	Created  time.Time
}

// CheckInfo returns an error wrapping [ErrID] for an ID or a Slug that [CheckID]
// refuses, and one wrapping [ErrInfo] for a Status that [CheckStatus] refuses and
// for a Name or Metadata, keys included, that is not UTF-8 without NUL, which JSON
// and databases can hold. Every directory's Create calls it with what it filled in.
func CheckInfo(t Info) error {
	if err := CheckID(t.ID); err != nil {
		return err
	}
	if err := CheckID(ID(t.Slug)); err != nil {
		return err
	}
	if err := CheckStatus(t.Status); err != nil {
		return err
	}
	if !text(t.Name) {
		return ErrInfo.Wrap(nil, "tenancy: name %.70q of %q is not UTF-8 without NUL", t.Name, t.Slug)
	}
	for k, v := range t.Metadata {
		if !text(k) || !text(v) {
			return ErrInfo.Wrap(nil, "tenancy: metadata %.70q of %q is not UTF-8 without NUL", k, t.Slug)
		}
	}
	return nil
}

func text(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// CheckStatus returns an error wrapping [ErrInfo] unless s is one of this
// package. Every directory's SetStatus calls it first.
func CheckStatus(s Status) error {
	switch s {
	case Provisioning, Active, Inactive, Suspended:
		return nil
	}
	return ErrInfo.Wrap(nil, "tenancy: status %.70q is not provisioning, active, inactive or suspended", s)
}

// Working returns nil if the tenant may work, and otherwise an error wrapping
// [ErrSuspended] or [ErrInactive].
func (i Info) Working() error {
	var sentinel *errs.Error
	switch i.Status {
	case Active:
		return nil
	case Suspended:
		sentinel = ErrSuspended
	default:
		sentinel = ErrInactive
	}
	return sentinel.Wrap(nil, "tenancy: %q", i.Slug)
}

// A Ref names a tenant by its ID or, if that is empty, by its slug.
type Ref struct {
	ID   ID
	Slug string
}

// String returns what the Ref names the tenant by.
func (r Ref) String() string {
	if r.ID != "" {
		return string(r.ID)
	}
	return r.Slug
}

// A Finder finds tenants. It is safe for concurrent use.
type Finder interface {
	// Find returns the tenant, whatever its status, or an error wrapping
	// [ErrNotFound]; an empty ref is one too.
	Find(ctx context.Context, ref Ref) (Info, error)
}

// A Directory keeps tenants. It is safe for concurrent use. A ctx that has
// ended is an error wrapping its cause ([context.Cause]) from every method.
type Directory interface {
	Finder
	// Create adds a tenant. An empty ID is set to a random one, an empty Slug
	// to the ID, an empty Name to the slug, an empty Status to [Active], and
	// Created to now. It returns an error wrapping [ErrSlug] if the slug or the
	// ID is taken, also by another process at the same time, and [ErrID] or
	// [ErrInfo] for what [CheckInfo] refuses.
	Create(ctx context.Context, t Info) (Info, error)
	// SetStatus changes a tenant's status, or returns an error wrapping
	// [ErrInfo] for what [CheckStatus] refuses, or [ErrNotFound].
	SetStatus(ctx context.Context, id ID, s Status) error
	// List yields all tenants by slug, in byte order. An error comes once, last,
	// with the zero Info.
	List(ctx context.Context) iter.Seq2[Info, error]
}
