package sqlrepo

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/rowscan"
)

// An entity is one that is being written: what the repository sets is in it
// only once it is written.
type entity struct {
	row     reflect.Value
	version int64
	now     time.Time
}

func (r *Repository[T, ID]) entity(v *T) (entity, ID, error) {
	e := entity{row: reflect.ValueOf(v).Elem(), now: r.now()}
	if r.t.version >= 0 {
		e.version = r.field(e, r.t.version).Int()
	}
	id := r.field(e, r.t.key).Interface().(ID)
	for i := range r.t.columns {
		if f := r.field(e, i); f.CanFloat() && (math.IsNaN(f.Float()) || math.IsInf(f.Float(), 0)) {
			return e, id, sqldb.ErrArgument.Wrap(fmt.Errorf("%v is not a finite number", f.Float()), "sqlrepo: column %q of %s", r.t.columns[i].name, r.t.name)
		}
	}
	return e, id, nil
}

func (r *Repository[T, ID]) field(e entity, column int) reflect.Value {
	return r.plan.Field(e.row, r.t.columns[column].index)
}

// value returns the argument for a column of e, which gets version.
func (r *Repository[T, ID]) value(e entity, column int, version int64, insert bool) any {
	switch {
	case column == r.t.version:
		return version
	case column == r.t.updated, column == r.t.created && insert:
		return e.now
	}
	f := r.field(e, column)
	if r.t.columns[column].byAddress {
		return f.Addr().Interface()
	}
	return f.Interface()
}

// wrote sets what the repository sets; made is zero for an update.
func (r *Repository[T, ID]) wrote(e entity, id ID, version int64, made time.Time) {
	r.field(e, r.t.key).Set(reflect.ValueOf(id))
	if r.t.version >= 0 {
		r.field(e, r.t.version).SetInt(version)
	}
	if r.t.updated >= 0 {
		r.field(e, r.t.updated).Set(reflect.ValueOf(e.now))
	}
	if r.t.created >= 0 && !made.IsZero() {
		r.field(e, r.t.created).Set(reflect.ValueOf(made))
	}
}

// Save implements [repo.Writer]. The time of creation of an entity that is
// replaced stays as it is.
func (r *Repository[T, ID]) Save(ctx context.Context, v *T) error {
	e, id, err := r.entity(v)
	if err != nil {
		return err
	}
	var zero ID
	switch {
	case id == zero && (e.version != 0 || !r.opts.Generated):
		return r.checkKey(id)
	case e.version != 0:
		return r.update(ctx, e, id)
	case r.t.version < 0 && id != zero:
		return r.upsert(ctx, e)
	}
	s := r.insertText()
	r.row(s, e, id == zero)
	s.write(" RETURNING ", r.t.columns[r.t.key].quoted)
	made, err := rowscan.One[ID](ctx, r.db, s.String(), s.args...)
	if err != nil {
		return r.fail(err, "insert into")
	}
	r.wrote(e, made, 1, e.now)
	return nil
}

// insertText returns "INSERT INTO … (…) VALUES ".
func (r *Repository[T, ID]) insertText() *statement {
	return r.statement("INSERT INTO ", r.t.quoted, " (", r.texts.columns, ") VALUES ")
}

// row writes the values of e in parentheses. A generated key is left to the database.
func (r *Repository[T, ID]) row(s *statement, e entity, generate bool) {
	s.WriteByte('(')
	for i := range r.t.columns {
		if i > 0 {
			s.WriteString(", ")
		}
		switch {
		case !generate || i != r.t.key:
			s.bind(opaque, r.value(e, i, 1, true))
		case s.dialect == sqldb.SQLite:
			s.WriteString("NULL")
		default:
			s.WriteString("DEFAULT")
		}
	}
	s.WriteByte(')')
}

// set writes "column = value, …" for every column but the key and those that
// never change.
func (r *Repository[T, ID]) set(s *statement, replace bool, value func(i int, c *column)) {
	first := true
	for i := range r.t.columns {
		if i == r.t.key || i == r.t.created || i == r.t.deleted && !replace {
			continue
		}
		c := &r.t.columns[i]
		s.write(pick(first, "", ", "), c.quoted, " = ")
		first = false
		value(i, c)
	}
}

// updateText returns the statement of update; its arguments are those of
// updateArgs.
func (r *Repository[T, ID]) updateText() string {
	if r.t.version < 0 {
		return ""
	}
	s := r.statement("UPDATE ", r.t.quoted, " SET ")
	r.set(s, false, func(int, *column) { s.bind(opaque, nil) })
	s.write(" WHERE ", r.t.columns[r.t.key].quoted, " = ")
	s.bind(opaque, nil)
	s.write(" AND ", r.t.columns[r.t.version].quoted, " = ")
	s.bind(integer, nil)
	if r.t.deleted >= 0 {
		s.write(" AND ", r.t.columns[r.t.deleted].quoted, " IS NULL")
	}
	return s.String()
}

// update writes e if it is still in its version.
func (r *Repository[T, ID]) update(ctx context.Context, e entity, id ID) error {
	var s statement
	s.t = r.t
	r.set(&s, false, func(i int, _ *column) { s.args = append(s.args, r.value(e, i, e.version+1, false)) })
	n, err := r.db.Exec(ctx, r.texts.update, append(s.args, id, e.version)...)
	if err != nil {
		return r.fail(err, "update of")
	}
	if n == 0 {
		return &repo.ConflictError{Entity: r.t.name, Key: id, Expected: e.version}
	}
	r.wrote(e, id, e.version+1, time.Time{})
	return nil
}

// Upsert implements [repo.Upserter].
func (r *Repository[T, ID]) Upsert(ctx context.Context, v *T) error {
	e, id, err := r.entity(v)
	if err == nil {
		err = r.checkKey(id)
	}
	if err != nil {
		return err
	}
	return r.upsert(ctx, e)
}

func (r *Repository[T, ID]) upsert(ctx context.Context, e entity) error {
	s := r.insertText()
	r.row(s, e, false)
	k := r.t.columns[r.t.key].quoted
	s.write(" ON CONFLICT (", k, ") DO UPDATE SET ")
	replaces := false
	r.set(s, true, func(i int, c *column) {
		replaces = true
		if i == r.t.version {
			s.write(r.t.quoted, ".", c.quoted, " + 1")
			return
		}
		s.write("excluded.", c.quoted)
	})
	if !replaces { // the key is all there is
		s.write(k, " = excluded.", k)
	}
	s.write(" RETURNING ", k)
	var id ID
	var version int64
	made := e.now
	dest := []any{&id}
	if r.t.version >= 0 {
		s.write(", ", r.t.columns[r.t.version].quoted)
		dest = append(dest, &version)
	}
	if r.t.created >= 0 {
		s.write(", ", r.t.columns[r.t.created].quoted)
		dest = append(dest, &made)
	}
	if err := sqldb.QueryRow(ctx, r.db, s.String(), s.args...).Scan(dest...); err != nil {
		return r.fail(err, "upsert into")
	}
	r.wrote(e, id, version, made)
	return nil
}

// Delete implements [repo.Writer].
func (r *Repository[T, ID]) Delete(ctx context.Context, id ID) (bool, error) {
	if err := r.checkKey(id); err != nil {
		return false, err
	}
	n, err := r.delete(ctx, []ID{id})
	return n > 0, err
}

// Remove implements [repo.Remover].
func (r *Repository[T, ID]) Remove(ctx context.Context, v *T) error {
	e, id, err := r.entity(v)
	if err != nil {
		return err
	}
	if r.t.version < 0 {
		_, err := r.Delete(ctx, id)
		return err
	}
	if err := r.checkKey(id); err != nil {
		return err
	}
	s, err := r.deletion()
	if err != nil {
		return err
	}
	s.write(r.t.columns[r.t.key].quoted, " = ")
	s.bind(opaque, id)
	s.write(" AND ", r.t.columns[r.t.version].quoted, " = ")
	s.bind(integer, e.version)
	n, err := r.db.Exec(ctx, s.String(), s.args...)
	if err == nil && n == 0 {
		return &repo.ConflictError{Entity: r.t.name, Key: id, Expected: e.version}
	}
	return r.fail(err, "remove from")
}

// deletion returns the statement that deletes, or marks, as far as its last condition.
func (r *Repository[T, ID]) deletion() (*statement, error) {
	s := r.statement("DELETE FROM ", r.t.quoted)
	if r.t.deleted >= 0 {
		s = r.statement("UPDATE ", r.t.quoted, " SET ", r.t.columns[r.t.deleted].quoted, " = ")
		s.bind(instant, r.now())
		if r.t.version >= 0 {
			v := r.t.columns[r.t.version].quoted
			s.write(", ", v, " = ", v, " + 1")
		}
	}
	err := s.conditions(nil, false)
	s.WriteString(pick(r.t.deleted >= 0, " AND ", " WHERE "))
	return s, err
}

func (r *Repository[T, ID]) delete(ctx context.Context, ids []ID) (int64, error) {
	s, err := r.deletion()
	if err != nil {
		return 0, err
	}
	s.write(r.t.columns[r.t.key].quoted, " IN (")
	for i, id := range ids {
		s.WriteString(pick(i > 0, ", ", ""))
		s.bind(opaque, id)
	}
	s.WriteByte(')')
	n, err := r.db.Exec(ctx, s.String(), s.args...)
	return n, r.fail(err, "delete from")
}
