package filestorage

import (
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

func TestSmoke(t *testing.T) {
	s, err := Open(Config{Dir: t.TempDir() + "/x/y"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, k := range []string{"a", "A", "a/b", "a/b/" + strings.Repeat("x", 900), "con", ".h", "a."} {
		if _, err := s.Put(t.Context(), k, strings.NewReader("v"+k)); err != nil {
			t.Fatal(err)
		}
		b, _, err := storage.ReadAll(t.Context(), s, k, 2000)
		if err != nil || string(b) != "v"+k {
			t.Fatal(k, b, err)
		}
	}
	for i, err := range s.List(t.Context(), "") {
		t.Log(i.Key, err)
	}
}
