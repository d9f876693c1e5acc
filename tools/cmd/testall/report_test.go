package main

import (
	"strings"
	"testing"
)

const stream = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: servers: no Postgres: run make servers\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"--- SKIP: TestB (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestB/x","Output":"    b_test.go:9: servers: no Postgres: run make servers\n"}
{"Action":"skip","Package":"p","Test":"TestB/x"}
{"Action":"output","Package":"p","Output":"noise of the package\n"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.01s\n"}
{"Action":"pass","Package":"p"}
{"Action":"output","Package":"q","Test":"TestC","Output":"    c_test.go:3: broken\n"}
{"Action":"fail","Package":"q","Test":"TestC"}
{"Action":"output","Package":"q","Output":"FAIL\tq\t0.01s\n"}
{"Action":"fail","Package":"q"}
{"ImportPath":"r","Action":"build-output","Output":"r.go:1: syntax error\n"}
{"Action":"output","Package":"r","Output":"FAIL\tr [build failed]\n"}
{"Action":"fail","Package":"r"}
{"Action":"output","Package":"s","Test":"TestD","Output":"panic: boom\n"}
{"Action":"output","Package":"s","Output":"FAIL\ts\t0.01s\n"}
{"Action":"fail","Package":"s"}
go: a plain error
`

func TestReport(t *testing.T) {
	var r report
	var out, sum strings.Builder
	if err := r.read(strings.NewReader(stream), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ok  \tp", "broken", "FAIL\tq", "syntax error", "FAIL\tr", "panic: boom", "go: a plain error"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out.String())
		}
	}
	for _, no := range []string{"=== RUN", "noise"} {
		if strings.Contains(out.String(), no) {
			t.Errorf("output has %q:\n%s", no, out.String())
		}
	}
	r.summarise(&sum)
	want := "SKIPPED 2: servers: no Postgres: run make servers\n\tp.TestB\n\tp.TestB/x\n" +
		"FAILED outside its tests: r\nFAILED outside its tests: s\n1 passed, 3 failed, 2 skipped\n"
	if sum.String() != want {
		t.Errorf("summary\n%s\nwant\n%s", sum.String(), want)
	}
}

func TestReasonNeverEmpty(t *testing.T) {
	if got := reason([]string{"=== RUN   T\n", "--- SKIP: T (0.00s)\n"}); got != "no reason given" {
		t.Errorf("reason = %q", got)
	}
}
