package codec_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/codec"
	"github.com/lexigram/lexigram-go/contracts/codec/codectest"
)

// plain is encoding/json as a codec.
type plain struct{}

func (plain) Marshal(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, codec.ErrValue.Wrap(err, "plain: marshal a %T", v)
	}
	return data, nil
}

func (plain) Unmarshal(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	if _, bad := errors.AsType[*json.InvalidUnmarshalError](err); bad || fmt.Sprintf("%T", into) == "*chan int" {
		return codec.ErrValue.Wrap(err, "plain: unmarshal into a %T", into)
	}
	if err != nil {
		return codec.ErrData.Wrap(err, "plain: unmarshal")
	}
	return nil
}

func TestTextConformance(t *testing.T) {
	codectest.RunText(t, func(*testing.T) codec.StringCodec { return codec.Text(plain{}) })
}

type binary struct{ plain }

func (binary) Marshal(any) ([]byte, error) { return []byte{0xff}, nil }

func TestTextRefusesBytes(t *testing.T) {
	if s, err := codec.Text(binary{}).Encode(t.Context(), 1); s != "" || !errors.Is(err, codec.ErrValue) {
		t.Errorf("%q, %v", s, err)
	}
}

func TestDecode(t *testing.T) {
	if n, err := codec.Decode[int](plain{}, []byte("42")); n != 42 || err != nil {
		t.Errorf("%v, %v", n, err)
	}
	if list, err := codec.Decode[[]int](plain{}, []byte(`[1,2,"x"]`)); list != nil || !errors.Is(err, codec.ErrData) {
		t.Errorf("%v, %v", list, err)
	}
}

func Example() {
	// A cache of users works with any codec, such as core/jsoncodec's.
	type user struct{ Name string }
	var c codec.Codec = plain{}
	data, err := c.Marshal(user{"Ada"})
	fmt.Println(string(data), err)
	u, err := codec.Decode[user](c, data)
	fmt.Println(u.Name, err)
	// Output:
	// {"Name":"Ada"} <nil>
	// Ada <nil>
}
