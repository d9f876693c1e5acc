package sourcing

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/state"
)

// A fingerprint is that of what the bytes of a snapshot depend on.
type fingerprint [16]byte

func fingerprintOf[A Aggregate](of reflect.Type, opts Options[A]) (f fingerprint) {
	h := sha256.New()
	fmt.Fprintf(h, "revision %d format %q\n", opts.Revision, opts.Format)
	for _, fact := range opts.Facts {
		typ, schema, data, _ := fact.describe()
		fmt.Fprintf(h, "fact %q %d %q\n", typ, schema, data)
	}
	shape(h, of, map[reflect.Type]bool{})
	copy(f[:], h.Sum(nil))
	return f
}

// shape writes what a codec may see of a type.
func shape(w io.Writer, t reflect.Type, seen map[reflect.Type]bool) {
	fmt.Fprintf(w, "%s %s ", t.Kind(), t)
	if seen[t] || t == reflect.TypeFor[Root]() {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Struct:
		for f := range t.Fields() {
			fmt.Fprintf(w, "%s %q ", f.Name, f.Tag)
			shape(w, f.Type, seen)
		}
	case reflect.Map:
		shape(w, t.Key(), seen)
		shape(w, t.Elem(), seen)
	case reflect.Array, reflect.Pointer, reflect.Slice:
		shape(w, t.Elem(), seen)
	}
}

// snapshotKey is where the snapshot of a stream is.
func snapshotKey(stream string) string { return "snapshot/" + stream }

// snapshot returns the aggregate as it was kept, if it was, by this code.
func (r *Repository[A]) snapshot(ctx context.Context, id string) (a A, ok bool) {
	a = r.Make(id)
	root := a.root()
	b, err := r.opts.Snapshots.Get(ctx, snapshotKey(root.stream))
	if err != nil {
		if !errors.Is(err, state.ErrNotFound) {
			r.opts.Logger.Warn("sourcing: snapshot was not read", "stream", root.stream, "error", err)
		}
		return a, false
	}
	made := *root
	version, position, data, ok := r.print.split(b)
	if !ok {
		return a, false
	}
	if err := r.opts.Codec.Unmarshal(data, a); err != nil {
		r.opts.Logger.Warn("sourcing: snapshot cannot be decoded", "stream", made.stream, "error", err)
		return a, false
	}
	*root = made // which the codec may have touched
	root.version, root.position = version, position
	return a, true
}

// keep stores a snapshot when the transaction of ctx has committed.
func (r *Repository[A]) keep(ctx context.Context, a A) {
	root := *a.root()
	data, err := r.opts.Codec.Marshal(a)
	if err != nil {
		r.opts.Logger.Warn("sourcing: snapshot cannot be encoded", "stream", root.stream, "error", err)
		return
	}
	b := r.print.join(root.version, root.position, data)
	sqldb.OnCommit(ctx, func(ctx context.Context) {
		if err := r.opts.Snapshots.Set(ctx, snapshotKey(root.stream), b, state.Permanent); err != nil {
			r.opts.Logger.Warn("sourcing: snapshot was not kept", "stream", root.stream, "error", err)
		}
	})
}

// Forget deletes the snapshot of an aggregate: it holds data of events, which stay in it
// when they are erased elsewhere. The next Load is from the first event.
func (r *Repository[A]) Forget(ctx context.Context, id string) error {
	if r.opts.Snapshots == nil {
		return nil
	}
	_, err := r.opts.Snapshots.Delete(ctx, snapshotKey(r.opts.Prefix+id))
	return err
}

// join makes the bytes of a snapshot: the fingerprint, the version, the length
// of the position and the position, and the state.
func (f fingerprint) join(version eventstore.Version, position eventstore.Position, data []byte) []byte {
	b := make([]byte, 0, len(f)+8+2+len(position)+len(data))
	b = append(b, f[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(version))
	b = binary.BigEndian.AppendUint16(b, uint16(len(position)))
	b = append(b, position...)
	return append(b, data...)
}

// split takes them apart, if they are of the fingerprint.
func (f fingerprint) split(b []byte) (version eventstore.Version, position eventstore.Position, data []byte, ok bool) {
	const head = len(f) + 8 + 2
	if len(b) < head || fingerprint(b[:len(f)]) != f {
		return 0, "", nil, false
	}
	version = eventstore.Version(binary.BigEndian.Uint64(b[len(f):]))
	n := int(binary.BigEndian.Uint16(b[len(f)+8:]))
	if len(b) < head+n || version < 1 {
		return 0, "", nil, false
	}
	return version, eventstore.Position(b[head : head+n]), b[head+n:], true
}
