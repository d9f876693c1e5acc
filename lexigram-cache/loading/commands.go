package loading

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// Commands is what [Module] adds to the command line of an application: a
// [cli.CommandContributor], safe for concurrent use.
type Commands struct{}

var _ cli.CommandContributor = Commands{}

// ID returns "loading".
func (Commands) ID() string { return name }

// Commands returns cache stats, cache get, cache del and cache tags.
func (Commands) Commands() []cli.Command {
	needs := []di.Key{di.KeyOf[cache.Store]()}
	var tenant, prefix string
	var pattern bool
	of := func(fs *flag.FlagSet) {
		fs.StringVar(&tenant, "tenant", "", "the `ID` of the tenant whose entries are meant")
	}
	in := func(ctx context.Context) (context.Context, error) {
		if tenant == "" {
			return ctx, nil
		}
		return tenancy.With(ctx, tenancy.ID(tenant)), tenancy.CheckID(tenancy.ID(tenant))
	}
	return []cli.Command{
		{
			Path: "cache stats", Short: "Print the figures of the cache's store",
			Long:    "Print what the store of the cache holds, and its hits and misses. The figures of a server count what else it holds. One that the store cannot tell is a dash.",
			Example: "cache stats\ncache stats --json", Needs: needs, Flags: of,
			Run: func(ctx context.Context, call *cli.Call) error { return withStore(ctx, call, in, printStats) },
		},
		{
			Path: "cache get", Args: "KEY", Short: "Print the entry under a key of the store",
			Long:    "Print the entry under KEY, as the store has it: with its prefix. Of an entry that a loading cache wrote it prints when that was and its groups too. It changes nothing.",
			Example: "cache get user:/7\ncache get --json user:/7", Needs: needs, Flags: of,
			Run: func(ctx context.Context, call *cli.Call) error { return withStore(ctx, call, in, printEntry) },
		},
		{
			Path: "cache del", Args: "KEY...", Short: "Delete entries of the store",
			Long: "Delete the entries under the keys, as the store has them: with their prefix. With --pattern each is a pattern, in which a star stands for any bytes, " +
				"and a backslash before a star or a backslash for that sign itself.",
			Example: "cache del user:/7 user:/8\ncache del --pattern user:*", Needs: needs,
			Flags: func(fs *flag.FlagSet) {
				of(fs)
				fs.BoolVar(&pattern, "pattern", false, "take each KEY for a pattern")
			},
			Run: func(ctx context.Context, call *cli.Call) error {
				return withStore(ctx, call, in, func(ctx context.Context, call *cli.Call, s cache.Store) error { return remove(ctx, call, s, pattern) })
			},
		},
		{
			Path: "cache tags", Args: "TAG...", Short: "End groups of entries of a loading cache",
			Long:    "End the groups: their entries, however many, are no longer used. --prefix is that of the cache, and --tenant the one that the groups are of.",
			Example: "cache tags --prefix user: staff\ncache tags --prefix user: --tenant acme all", Needs: needs,
			Flags: func(fs *flag.FlagSet) {
				of(fs)
				fs.StringVar(&prefix, "prefix", "", "the `prefix` of the cache's keys")
			},
			Run: func(ctx context.Context, call *cli.Call) error {
				return withStore(ctx, call, in, func(ctx context.Context, call *cli.Call, s cache.Store) error { return endGroups(ctx, call, s, prefix) })
			},
		},
	}
}

func withStore(ctx context.Context, call *cli.Call, in func(context.Context) (context.Context, error), run func(context.Context, *cli.Call, cache.Store) error) error {
	ctx, err := in(ctx)
	if err != nil {
		return cli.ErrUsage.Wrap(err, "--tenant")
	}
	s, err := di.Get[cache.Store](ctx, call.Needs)
	if err != nil {
		return err
	}
	return run(ctx, call, s)
}

// figures are those of a store, for people.
type figures struct{ cache.Stats }

// String returns a table of one line.
func (f figures) String() string {
	var row []string
	for _, n := range []int64{f.Entries, f.Bytes, f.Hits, f.Misses, f.Evictions} {
		if n < 0 {
			row = append(row, "-")
			continue
		}
		row = append(row, strconv.FormatInt(n, 10))
	}
	return cli.Table([]string{"ENTRIES", "BYTES", "HITS", "MISSES", "EVICTIONS"}, row)
}

func printStats(ctx context.Context, call *cli.Call, s cache.Store) error {
	m, ok := s.(cache.Meter)
	if !ok {
		return cache.Err.Wrap(errors.ErrUnsupported, "loading: the store has no figures")
	}
	st, err := m.Stats(ctx)
	if err != nil {
		return err
	}
	return call.Print(figures{st})
}

// A shown is an entry, for people.
type shown struct {
	Key     string    `json:"key"`
	Kind    string    `json:"kind"` // value, absence, lease or bytes
	Bytes   int       `json:"bytes"`
	Written time.Time `json:"written,omitzero"`
	Tags    []string  `json:"tags,omitempty"`
	Value   string    `json:"value"`
}

// String returns a line of each field.
func (s shown) String() string {
	lines := []string{"key      " + cli.Plain(s.Key), "kind     " + s.Kind, "bytes    " + strconv.Itoa(s.Bytes)}
	if !s.Written.IsZero() {
		lines = append(lines, "written  "+s.Written.UTC().Format(time.RFC3339Nano))
	}
	for _, t := range s.Tags {
		lines = append(lines, "tag      "+cli.Plain(t))
	}
	return strings.Join(append(lines, "value    "+cli.Plain(s.Value)), "\n")
}

// show makes of an entry what people read. Bytes that are no text are quoted.
func show(key string, raw []byte) shown {
	s := shown{Key: key, Kind: "bytes", Bytes: len(raw)}
	data := raw
	if mark, h, value, err := parse(raw); err == nil {
		s.Kind, s.Written, data = "value", h.written, value
		if mark == markAbsent {
			s.Kind = "absence"
		}
		for _, t := range h.tags {
			s.Tags = append(s.Tags, t.tag)
		}
	} else if len(raw) > 0 && raw[0] == markLease {
		s.Kind, data = "lease", nil
	}
	if s.Value = string(data); !utf8.Valid(data) {
		s.Value = fmt.Sprintf("%q", data)
	}
	return s
}

func printEntry(ctx context.Context, call *cli.Call, s cache.Store) error {
	raw, err := s.Get(ctx, call.Args[0])
	if err != nil {
		return err
	}
	return call.Print(show(call.Args[0], raw))
}

// A removed is how many entries were deleted.
type removed struct {
	Entries int `json:"entries"`
}

// String returns one line.
func (r removed) String() string { return fmt.Sprintf("%d entries were deleted", r.Entries) }

func remove(ctx context.Context, call *cli.Call, s cache.Store, pattern bool) error {
	if !pattern {
		n, err := cache.DeleteMany(ctx, s, call.Args)
		if err != nil {
			return err
		}
		return call.Print(removed{n})
	}
	d, ok := s.(cache.PatternDeleter)
	if !ok {
		return cache.Err.Wrap(errors.ErrUnsupported, "loading: the store deletes no patterns")
	}
	sum := 0
	for _, p := range call.Args {
		n, err := d.DeletePattern(ctx, p)
		if sum += n; err != nil {
			return err
		}
	}
	return call.Print(removed{sum})
}

// An ended is which groups were ended.
type ended struct {
	Tags []string `json:"tags"`
}

// String returns one line.
func (e ended) String() string {
	return fmt.Sprintf("the groups %s are no longer used", cli.Plain(strings.Join(e.Tags, ", ")))
}

func endGroups(ctx context.Context, call *cli.Call, s cache.Store, prefix string) error {
	c, err := New[struct{}](s, Options{Prefix: prefix})
	if err != nil {
		return err
	}
	defer c.Close()
	for _, t := range call.Args {
		if err := c.ForgetTags(ctx, t); err != nil {
			return err
		}
	}
	return call.Print(ended{call.Args})
}
