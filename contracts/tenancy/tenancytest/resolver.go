package tenancytest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// Cases are the requests that a resolver is tried with; at least one of each.
type Cases struct {
	Named map[tenancy.Ref]tenancy.Request // requests that name a tenant in the resolver's way
	None  []tenancy.Request               // requests that do not; the empty one is added
	Wrong []tenancy.Request               // requests that do so wrongly
}

func resolverRules(c Cases) []rule[tenancy.Resolver] {
	return []rule[tenancy.Resolver]{
		{
			name: "named",
			says: "Resolve returns what the request names",
			check: func(ctx context.Context, r tenancy.Resolver) error {
				if len(c.Named) == 0 {
					return errors.New("there are no Named cases")
				}
				for want, req := range c.Named {
					got, err := r.Resolve(ctx, &req)
					if err != nil || got != want {
						return fmt.Errorf("Resolve(%+v) = %+v, %v, want %+v", req, got, err, want)
					}
					if err := tenancy.CheckID(tenancy.ID(got.String())); err != nil {
						return fmt.Errorf("Resolve(%+v): %w", req, err)
					}
				}
				return nil
			},
		},
		{
			name: "none",
			says: "an error wrapping ErrNone if it names no tenant in this way",
			check: func(ctx context.Context, r tenancy.Resolver) error {
				return fails(ctx, r, append([]tenancy.Request{{}, {Header: http.Header{}}}, c.None...), tenancy.ErrNone)
			},
		},
		{
			name: "wrong",
			says: "or one wrapping ErrResolution if it does so wrongly",
			check: func(ctx context.Context, r tenancy.Resolver) error {
				if len(c.Wrong) == 0 {
					return errors.New("there are no Wrong cases")
				}
				return fails(ctx, r, c.Wrong, tenancy.ErrResolution)
			},
		},
		{
			name: "request stays as it is",
			says: "a resolver reads the request",
			check: func(ctx context.Context, r tenancy.Resolver) error {
				for _, req := range c.Named {
					before := tenancy.Request{Header: req.Header.Clone(), Host: req.Host, Path: req.Path, Claims: maps.Clone(req.Claims)}
					if _, err := r.Resolve(ctx, &req); err != nil {
						return err
					}
					if !reflect.DeepEqual(before, req) {
						return fmt.Errorf("Resolve changed %+v to %+v", before, req)
					}
				}
				return nil
			},
		},
		{
			name: "concurrent use",
			says: "it is safe for concurrent use",
			check: func(ctx context.Context, r tenancy.Resolver) error {
				results := make(chan error)
				n := 0
				for want, req := range c.Named {
					for range 8 {
						n++
						go func() {
							got, err := r.Resolve(ctx, &req)
							if err == nil && got != want {
								err = fmt.Errorf("Resolve = %+v, want %+v", got, want)
							}
							results <- err
						}()
					}
				}
				var all []error
				for range n {
					all = append(all, <-results)
				}
				return errors.Join(all...)
			},
		},
	}
}

func fails(ctx context.Context, r tenancy.Resolver, requests []tenancy.Request, want error) error {
	for _, req := range requests {
		if got, err := r.Resolve(ctx, &req); !errors.Is(err, want) {
			return fmt.Errorf("Resolve(%+v) = %+v, %v, want %v", req, got, err, want)
		}
	}
	return nil
}
