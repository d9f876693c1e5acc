#!/usr/bin/env bash
# tidy.sh [-diff] [DIR...]: go mod tidy in the named modules, or in all, against
# a file proxy of the working tree, because the siblings that they pin are not
# published. It works on copies; with -diff it changes nothing and fails where
# tidy would. The hashes of siblings are left out of go.sum: they change with
# every edit. LEXIGRAM_ROOT names another repository than this one.
set -euo pipefail
tools=$(cd "$(dirname "$0")" && pwd)
cd "${LEXIGRAM_ROOT:-$tools/..}"
diff=; [ "${1:-}" = -diff ] && { diff=1; shift; }
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
mapfile -t all < <(git ls-files --cached --others --exclude-standard -- 'go.mod' '*/go.mod' | xargs -rn1 dirname | sort)
[ ${#all[@]} -gt 0 ] || { echo "tidy.sh: no modules in $PWD" >&2; exit 1; }
base=$(sed -n 's/^module //p' "${all[0]}/go.mod"); base=${base%/"${all[0]}"}
pinned=()
for m in "${all[@]}"; do
  case $m in
    tools/lexigram) ;;
    tools|tools/*) continue ;;
  esac
  pinned+=("$m=v0.1.0")
done
GOWORK=off go -C "$tools" build -o "$tmp/modproxy" ./cmd/modproxy
"$tmp/modproxy" -repo . -out "$tmp/proxy" "${pinned[@]}" >/dev/null
warm=$(go env GOMODCACHE)/cache/download
# A fresh module cache, because ours change without changing their version.
export GOWORK=off GOFLAGS=-modcacherw GONOSUMDB="$base/*,$(go env GONOSUMDB)"
GOPROXY="file://$tmp/proxy,file://$warm,$(go env GOPROXY)" GOMODCACHE="$tmp/cache"
export GOPROXY GOMODCACHE
[ $# -gt 0 ] || set -- "${all[@]}"
status=0
for m in "$@"; do
  m=${m#./}; m=${m%/}
  copy=$tmp/copy/$m
  mkdir -p "$copy"
  cp "$m/go.mod" "$copy/go.mod"
  cp "$m/go.sum" "$copy/go.sum" 2>/dev/null || : >"$copy/go.sum"
  # Relative replacements hold: they are relative to the module, wherever its copy lies.
  go -C "$m" mod tidy -modfile="$copy/go.mod" 2>"$tmp/log" || { echo "$m: go mod tidy:" >&2; cat "$tmp/log" >&2; status=1; continue; }
  [ -e "$copy/go.sum" ] || : >"$copy/go.sum"
  sed -i "\#^$base/#d" "$copy/go.sum"
  for f in go.mod go.sum; do
    if [ -n "$diff" ]; then
      old=$m/$f; [ -e "$old" ] || old=/dev/null
      diff -u --label "$m/$f" --label "$m/$f, tidy" "$old" "$copy/$f" || { echo "$m: $f is not tidy: run make tidy" >&2; status=1; }
    elif [ -s "$copy/$f" ]; then
      cmp -s "$copy/$f" "$m/$f" || cp "$copy/$f" "$m/$f"
    else
      rm -f "$m/$f"
    fi
  done
done
exit $status
