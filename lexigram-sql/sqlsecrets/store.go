package sqlsecrets

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/phrase"
)

// DefaultVersions is how many versions a [Store] keeps if its [Options] do not say.
const DefaultVersions = 10

// Options say how a [Store] works. The zero value is ready to use.
type Options struct {
	// Versions is how many versions of a secret are kept, the current one among them.
	// 0 means [DefaultVersions].
	Versions int `config:"versions"`
}

// Validate returns an [errs.ValidationError] that names what is out of range.
func (o Options) Validate() error {
	var v errs.ValidationError
	if o.Versions < 0 {
		v.Add("versions", "must not be negative; leave it out for 10", "RANGE")
	}
	return v.Err()
}

// A Store is a [security.VersionedStore] over a table. Its methods join the
// transaction of their context, if there is one: a secret and what it is for commit
// together. It is safe for concurrent use, holds nothing that must be closed, and
// starts no goroutine; make one with [New].
type Store struct {
	db     sqldb.DB
	sealer security.Sealer
	keep   int
	insert string
}

var (
	_ security.SecretFinder   = (*Store)(nil)
	_ security.SecretBatcher  = (*Store)(nil)
	_ security.VersionedStore = (*Store)(nil)
)

// New returns the store in db, which has the table of [Migrations], sealing with
// sealer. It does no I/O. An error wraps [security.Err], and is an errs.ValidationError
// if opts are not valid.
func New(db sqldb.DB, sealer security.Sealer, opts Options) (*Store, error) {
	if db == nil || sealer == nil {
		return nil, security.Err.Wrap(errors.New("the database and the sealer must not be nil"), "sqlsecrets: new")
	}
	if err := opts.Validate(); err != nil {
		return nil, security.Err.Wrap(err, "sqlsecrets: options")
	}
	book, err := phrase.For(db.Dialect())
	if err != nil {
		return nil, security.Err.Wrap(err, "sqlsecrets: new")
	}
	if opts.Versions == 0 {
		opts.Versions = DefaultVersions
	}
	return &Store{db: db, sealer: sealer, keep: opts.Versions, insert: book.Fill(
		"INSERT INTO lexigram_secrets (name, version, sealed, created_at) VALUES ($1, $2, $3, {now}) RETURNING created_at")}, nil
}

// purpose binds what is sealed to where it is.
func purpose(name, version string) string { return "sqlsecrets/" + name + "@" + version }

// Get returns the current version of a secret; see [security.SecretStore].
func (s *Store) Get(ctx context.Context, name string) (config.Secret[string], error) {
	return s.read(ctx, "get", name, "")
}

// GetVersion returns a version of a secret; see [security.VersionedStore].
func (s *Store) GetVersion(ctx context.Context, name, id string) (config.Secret[string], error) {
	return s.read(ctx, "get version", name, id)
}

func (s *Store) read(ctx context.Context, op, name, id string) (none config.Secret[string], err error) {
	if err := begin(ctx, op, name); err != nil {
		return none, err
	}
	if !isVersion(id) {
		return none, notFound(name, id)
	}
	var version string
	var sealed []byte
	err = sqldb.QueryRow(ctx, s.db, "SELECT version, sealed FROM lexigram_secrets WHERE name = $1 AND ($2 = '' OR version = $2) ORDER BY seq DESC LIMIT 1", name, id).Scan(&version, &sealed)
	if errors.Is(err, sqldb.ErrNoRows) {
		return none, notFound(name, id)
	} else if err != nil {
		return none, failed(op, name, err)
	}
	return s.open(ctx, op, name, version, sealed)
}

// isVersion reports whether id is "" or may be one that Rotate made.
func isVersion(id string) bool {
	return id == "" || len(id) == 26 && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

func (s *Store) open(ctx context.Context, op, name, version string, sealed []byte) (config.Secret[string], error) {
	plain, err := s.sealer.Open(ctx, purpose(name, version), sealed)
	if err != nil {
		return config.Secret[string]{}, failed(op, name, err)
	}
	return config.NewSecret(string(plain)), nil
}

// Set creates or replaces a secret; see [security.SecretStore].
func (s *Store) Set(ctx context.Context, name string, value config.Secret[string]) error {
	_, err := s.write(ctx, "set", name, value)
	return err
}

// Rotate replaces a secret and returns the version; see [security.VersionedStore].
func (s *Store) Rotate(ctx context.Context, name string, value config.Secret[string]) (security.SecretVersion, error) {
	return s.write(ctx, "rotate", name, value)
}

// write seals before it uses the database: a sealer may call a service.
func (s *Store) write(ctx context.Context, op, name string, value config.Secret[string]) (none security.SecretVersion, err error) {
	if err := begin(ctx, op, name); err != nil {
		return none, err
	}
	if err := security.CheckSecretValue(value.Reveal()); err != nil {
		return none, err
	}
	version := rand.Text()
	sealed, err := s.sealer.Seal(ctx, purpose(name, version), []byte(value.Reveal()))
	if err != nil {
		return none, failed(op, name, err)
	}
	var created int64
	err = s.db.InTx(ctx, func(ctx context.Context) error {
		if err := sqldb.QueryRow(ctx, s.db, s.insert, name, version, sealed).Scan(&created); err != nil {
			return err
		}
		_, err := s.db.Exec(ctx, `DELETE FROM lexigram_secrets WHERE name = $1 AND seq <
			(SELECT min(k.seq) FROM (SELECT seq FROM lexigram_secrets WHERE name = $1 ORDER BY seq DESC LIMIT $2) AS k)`, name, s.keep)
		return err
	}, sqldb.WithPropagation(sqldb.Join))
	if err != nil {
		return none, failed(op, name, err)
	}
	return security.SecretVersion{ID: version, Created: time.UnixMicro(created).UTC()}, nil
}

// Delete removes a secret with its versions; see [security.SecretStore].
func (s *Store) Delete(ctx context.Context, name string) error {
	if err := begin(ctx, "delete", name); err != nil {
		return err
	}
	if _, err := s.db.Exec(ctx, "DELETE FROM lexigram_secrets WHERE name = $1", name); err != nil {
		return failed("delete", name, err)
	}
	return nil
}

// Has reports whether there is a secret, which may not open; see [security.SecretFinder].
func (s *Store) Has(ctx context.Context, name string) (bool, error) {
	versions, err := s.versions(ctx, "has", name, 1)
	return len(versions) > 0, err
}

// Versions returns the versions of a secret; see [security.VersionedStore].
func (s *Store) Versions(ctx context.Context, name string) ([]security.SecretVersion, error) {
	all, err := s.versions(ctx, "versions", name, s.keep)
	if err == nil && len(all) == 0 {
		return nil, notFound(name, "")
	}
	return all, err
}

func (s *Store) versions(ctx context.Context, op, name string, limit int) ([]security.SecretVersion, error) {
	if err := begin(ctx, op, name); err != nil {
		return nil, err
	}
	var all []security.SecretVersion
	for v, err := range sqldb.Select(ctx, s.db, scanVersion, "SELECT version, created_at FROM lexigram_secrets WHERE name = $1 ORDER BY seq DESC LIMIT $2", name, limit) {
		if err != nil {
			return nil, failed(op, name, err)
		}
		all = append(all, v)
	}
	return all, nil
}

func scanVersion(r sqldb.Rows) (v security.SecretVersion, err error) {
	var created int64
	err = r.Scan(&v.ID, &created)
	v.Created = time.UnixMicro(created).UTC()
	return v, err
}

// GetMany returns the secrets that are there, in one statement for 999 names; see
// [security.SecretBatcher].
func (s *Store) GetMany(ctx context.Context, names []string) (map[string]config.Secret[string], error) {
	const op = "get many"
	for _, name := range names {
		if err := security.CheckSecretName(name); err != nil {
			return nil, err
		}
	}
	if len(names) > 0 && ctx.Err() != nil {
		return nil, failed(op, names[0], context.Cause(ctx))
	}
	found := make(map[string]config.Secret[string], len(names))
	for part := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(names))), sqldb.MaxParams) {
		args := make([]any, len(part))
		for i, name := range part {
			args[i] = name
		}
		rows, err := collect(ctx, s.db, "name IN ("+phrase.Placeholders(1, len(part))+") AND seq = (SELECT max(seq) FROM lexigram_secrets l WHERE l.name = s.name)", args...)
		if err != nil {
			return nil, failed(op, part[0], err)
		}
		for _, r := range rows {
			if found[r.name], err = s.open(ctx, op, r.name, r.version, r.sealed); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// A row is a version as it is stored.
type row struct {
	seq           int64
	name, version string
	sealed        []byte
}

func collect(ctx context.Context, q sqldb.Querier, where string, args ...any) (all []row, err error) {
	scan := func(rows sqldb.Rows) (r row, err error) {
		err = rows.Scan(&r.seq, &r.name, &r.version, &r.sealed)
		return r, err
	}
	for r, err := range sqldb.Select(ctx, q, scan, "SELECT seq, name, version, sealed FROM lexigram_secrets s WHERE "+where, args...) {
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// Format prints that it is a store, and no secret.
func (s *Store) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "sqlsecrets.Store") // fmt.State reports no error to anyone
}

// begin refuses what no method may begin with.
func begin(ctx context.Context, op, name string) error {
	if err := security.CheckSecretName(name); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return failed(op, name, context.Cause(ctx))
	}
	return nil
}

func failed(op, name string, cause error) error {
	return &security.SecretAccessError{Name: name, Op: op, Cause: cause}
}

func notFound(name, version string) error {
	if version == "" {
		return security.ErrSecretNotFound.Wrap(nil, "sqlsecrets: secret %.80q", name)
	}
	return security.ErrSecretNotFound.Wrap(nil, "sqlsecrets: version %.80q of secret %.80q", version, name)
}
