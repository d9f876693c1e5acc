package router_test

import (
	"encoding/json"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/codec"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// jsonCodec is as much of a codec as tests need; core/jsoncodec is a real one.
type jsonCodec struct{}

func (jsonCodec) Marshal(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, codec.ErrValue.Wrap(err, "json")
	}
	return b, nil
}

func (jsonCodec) Unmarshal(b []byte, into any) error {
	if err := json.Unmarshal(b, into); err != nil {
		return codec.ErrData.Wrap(err, "json")
	}
	return nil
}
