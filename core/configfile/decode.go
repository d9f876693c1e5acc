package configfile

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Decode fills into from the section under key; see [config.Config]. With an
// error into is unchanged. Beyond the contract:
//
//   - embedded structs without a tag are part of the struct around them;
//   - a []byte is filled from a string, and a field of type any with what Lookup returns;
//   - a map keeps the entries of its default that the section does not name, a slice is replaced;
//   - null empties a pointer, map or slice, leaves a section at its defaults, and is wrong for anything else;
//   - text of the environment is split at commas for a slice, and true/yes/on/1
//     and false/no/off/0 are booleans in it; numbered elements (LEX_LIST__0) set
//     or append those elements;
//   - what comes from a ${secret:name} needs a field inside a [config.Secret];
//     in production and staging no config.Secret holds a placeholder or too little;
//   - strings and integers are handed to an encoding.TextUnmarshaler as text;
//   - the root may hold the loader's own keys "environment" and "debug" without a field for them.
func (t *Tree) Decode(key string, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() || target.Elem().Kind() != reflect.Struct {
		return config.Err.Wrap(nil, "configfile: decode %q into a %T, want a pointer to a struct", key, into)
	}
	section, blocked, blockedKey := t.root.at(key)
	d := decoder{prefix: t.prefix, strict: t.strict(), wrong: map[string]bool{}}
	if blocked != nil {
		d.problem(blocked, blockedKey, config.ErrValue, "is "+blocked.what()+", want a mapping")
		return errors.Join(d.problems...)
	}
	filled := reflect.New(target.Elem().Type()).Elem()
	filled.Set(target.Elem())
	if section != nil && !section.isNull() {
		d.structure(filled, section, key, shown.of(key))
	}
	d.validate(filled, section, key, 0)
	if err := errors.Join(d.problems...); err != nil {
		return err
	}
	target.Elem().Set(filled)
	return nil
}

// decoder collects what is wrong with one section.
type decoder struct {
	prefix   string // of environment variables
	strict   bool   // weak secrets are errors
	problems []error
	wrong    map[string]bool // keys with a problem
}

func (d *decoder) problem(n *value, key string, sentinel error, text string) {
	d.add(&config.KeyError{Key: key, Problem: text, Sentinel: sentinel}, n)
}

func (d *decoder) add(e *config.KeyError, n *value) {
	if n != nil {
		e.Source, e.Line = n.source, n.line
	}
	d.wrong[e.Key] = true
	d.problems = append(d.problems, e)
}

// mismatch says that n is not what the field wants.
func (d *decoder) mismatch(n *value, key, want string) {
	d.problem(n, key, config.ErrValue, "is "+n.what()+", want "+want)
}

// unparsable says that text is not what the field wants, without showing it if
// it may be a secret.
func (d *decoder) unparsable(n *value, key, text, want string, c care) {
	if c != shown || n.secret != "" {
		d.problem(n, key, config.ErrValue, "is not "+want)
		return
	}
	if len(text) > 60 {
		text = strings.ToValidUTF8(text[:60], "") + "…"
	}
	d.problem(n, key, config.ErrValue, fmt.Sprintf("%q is not %s", config.RedactText(text), want))
}

// care says what may be told of a value.
type care uint8

const (
	shown  care = iota
	hidden      // its key smells of a secret
	sealed      // it is inside a config.Secret
)

// of returns the care for what stands under name.
func (c care) of(name string) care {
	if c == shown && config.IsSecretKey(name) {
		return hidden
	}
	return c
}

// structure fills a struct, key by key.
func (d *decoder) structure(v reflect.Value, n *value, key string, c care) {
	if n.kind != config.Map {
		d.mismatch(n, key, "a mapping")
		return
	}
	fields, problem := fieldsOf(v.Type())
	if problem != "" {
		d.problem(nil, key, config.Err, problem)
		return
	}
	for _, name := range n.names() {
		child, at := n.keys[name], join(key, name)
		if f := find(fields, name); f != nil {
			d.fill(v.FieldByIndex(f.index), child, at, c.of(name))
		} else if at != environmentKey && at != debugKey {
			d.unknown(child, at, name, fields)
		}
	}
}

func (d *decoder) unknown(n *value, key, name string, fields []field) {
	valid := fieldNames(fields)
	e := &config.KeyError{Key: key, Problem: "unknown key", Nearest: config.Nearest(name, valid), Sentinel: config.ErrUnknown}
	if e.Nearest == "" && len(valid) > 0 {
		e.Problem += "; valid are " + strings.Join(valid, ", ")
	}
	d.add(e, n)
}

// fill sets v, which is addressable, from n.
func (d *decoder) fill(v reflect.Value, n *value, key string, c care) {
	if v.Kind() == reflect.Pointer {
		d.pointer(v, n, key, c)
		return
	}
	if editSecret(v, func(inner reflect.Value) { d.fill(inner, n, key, sealed) }) {
		return
	}
	secrets := v.Kind() == reflect.Slice && isSecret(v.Type().Elem()) // each of which is split off
	if n.secret != "" && c != sealed && !secrets {
		d.unsealed(n, key, n.secret)
		return
	}
	if n.isNull() {
		d.null(v, n, key)
		return
	}
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d.duration(v, n, key, c)
		return
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.unmarshal(u, n, key, c)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(v, n, key, c)
	case reflect.Map:
		d.mapping(v, n, key, c)
	case reflect.Slice:
		d.slice(v, n, key, c)
	default:
		d.scalar(v, n, key, c)
	}
}

// unsealed refuses a secret where it could show.
func (d *decoder) unsealed(n *value, key, name string) {
	d.problem(n, key, config.ErrValue, fmt.Sprintf("holds the secret %q, for which the field has to be a config.Secret", name))
}

// pointer fills a copy of what v points to: the defaults may be shared.
func (d *decoder) pointer(v reflect.Value, n *value, key string, c care) {
	if n.isNull() {
		v.SetZero()
		return
	}
	fresh := reflect.New(v.Type().Elem())
	if !v.IsNil() {
		fresh.Elem().Set(v.Elem())
	}
	d.fill(fresh.Elem(), n, key, c)
	v.Set(fresh)
}

func (d *decoder) null(v reflect.Value, n *value, key string) {
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.Interface:
		v.SetZero()
	case reflect.Struct:
		if _, leaf := v.Addr().Interface().(encoding.TextUnmarshaler); leaf {
			d.problem(n, key, config.ErrValue, "is null: give it a value or leave the key out")
		}
	default:
		d.problem(n, key, config.ErrValue, "is null: give it a value or leave the key out")
	}
}

// mapping adds to a copy of the default map.
func (d *decoder) mapping(v reflect.Value, n *value, key string, c care) {
	if v.Type().Key().Kind() != reflect.String {
		d.unsupported(v, n, key)
		return
	}
	if n.kind != config.Map {
		d.mismatch(n, key, "a mapping")
		return
	}
	filled := reflect.MakeMapWithSize(v.Type(), v.Len()+len(n.keys))
	for it := v.MapRange(); it.Next(); {
		filled.SetMapIndex(it.Key(), it.Value())
	}
	for _, name := range n.names() {
		k := reflect.ValueOf(name).Convert(v.Type().Key())
		elem := reflect.New(v.Type().Elem()).Elem()
		if old := v.MapIndex(k); old.IsValid() {
			elem.Set(old)
		}
		d.fill(elem, n.keys[name], join(key, name), c.of(name))
		filled.SetMapIndex(k, elem)
	}
	v.Set(filled)
}

func (d *decoder) slice(v reflect.Value, n *value, key string, c care) {
	text, isText := n.scalar.(string)
	elements, have := n.list, 0
	switch {
	case n.kind == config.List:
	case n.kind == config.Map && n.together:
		var at *value
		var problem string
		have = v.Len()
		if elements, at, problem = n.asList(have); problem != "" {
			d.problem(at, key, config.ErrValue, problem)
			return
		}
	case isText && v.Type().Elem().Kind() == reflect.Uint8:
		v.SetBytes([]byte(text))
		return
	case isText && n.text:
		elements = n.split(text)
	default:
		d.mismatch(n, key, "a list")
		return
	}
	filled := reflect.MakeSlice(v.Type(), len(elements), len(elements))
	for i, e := range elements {
		if i < have {
			filled.Index(i).Set(v.Index(i))
		}
		if e != nil {
			d.fill(filled.Index(i), e, fmt.Sprintf("%s[%d]", key, i), c)
		}
	}
	v.Set(filled)
}

// split returns the elements that text of the environment means.
func (n *value) split(text string) (elements []*value) {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		elements = append(elements, &value{origin: n.origin, scalar: strings.TrimSpace(part), text: true})
	}
	return elements
}

// unmarshal hands text to u, whose panics and secrets stay here.
func (d *decoder) unmarshal(u encoding.TextUnmarshaler, n *value, key string, c care) {
	var text string
	switch x := n.scalar.(type) {
	case string:
		text = x
	case int64:
		text = fmt.Sprint(x)
	default:
		d.mismatch(n, key, "a string")
		return
	}
	err := errs.Catch(func() error { return u.UnmarshalText([]byte(text)) })
	if err == nil {
		return
	}
	if c != shown {
		d.problem(n, key, config.ErrValue, "is not valid")
		return
	}
	d.problem(n, key, config.ErrValue, oneLine(err))
}

// oneLine returns an error's text as part of a longer line.
func oneLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return config.RedactText(strings.TrimPrefix(line, "config: "))
}
