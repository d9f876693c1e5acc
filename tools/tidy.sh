#!/usr/bin/env bash
# tidy.sh [DIR...]: go mod tidy in the named modules, or in all, against a file
# proxy of the working tree, because the siblings that they pin are not
# published. With -diff it changes nothing and fails where tidy would.
# The hashes of siblings are left out of go.sum: they change with every edit.
set -euo pipefail
root=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
cd "$root"
base=github.com/lexigram/lexigram-go
diff=; [ "${1:-}" = -diff ] && { diff=1; shift; }
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
mapfile -t all < <(git ls-files --cached --others --exclude-standard -- 'go.mod' '*/go.mod' | xargs -rn1 dirname | sort)
published=()
for m in "${all[@]}"; do
  case $m in tools|tools/*) ;; *) published+=("$m=v0.1.0") ;; esac
done
GOWORK=off go -C tools build -o "$tmp/modproxy" ./cmd/modproxy
"$tmp/modproxy" -repo . -out "$tmp/proxy" "${published[@]}" >/dev/null
warm=$(go env GOMODCACHE)/cache/download
export GOWORK=off GOFLAGS=-modcacherw GONOSUMDB="$base/*,$(go env GONOSUMDB)"
export GOPROXY="file://$tmp/proxy,file://$warm,$(go env GOPROXY)" GOMODCACHE="$tmp/cache"
[ $# -gt 0 ] || set -- "${all[@]}"
status=0
for m in "$@"; do
  m=${m#./}
  cp "$m/go.mod" "$tmp/go.mod"; cp "$m/go.sum" "$tmp/go.sum" 2>/dev/null || : > "$tmp/go.sum"
  go -C "$m" mod tidy
  [ -e "$m/go.sum" ] || : > "$m/go.sum"
  sed -i "\#^$base/#d" "$m/go.sum"
  if [ -n "$diff" ]; then
    diff -u "$tmp/go.mod" "$m/go.mod" || { echo "$m: go.mod is not tidy: run make tidy" >&2; status=1; }
    diff -u "$tmp/go.sum" "$m/go.sum" || { echo "$m: go.sum is not tidy: run make tidy" >&2; status=1; }
    cp "$tmp/go.mod" "$m/go.mod"; cp "$tmp/go.sum" "$m/go.sum"
  fi
  [ -s "$m/go.sum" ] || rm -f "$m/go.sum"
done
exit $status
