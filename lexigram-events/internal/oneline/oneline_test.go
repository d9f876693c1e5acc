package oneline

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClip(t *testing.T) {
	for in, want := range map[string]string{"": "", "a\x00b\r\n\xffc\x7f": "a b  \uFFFDc ", "日本": "日本"} {
		if got := Clip(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := Clip("x" + strings.Repeat("é", 2000)); len(got) != 999 || !utf8.ValidString(got) {
		t.Errorf("%d bytes", len(got))
	}
}

func TestShort(t *testing.T) {
	if got := Short("日本語", 3) + Short("日本語", 2); got != "日本語日…" {
		t.Error(got)
	}
}
