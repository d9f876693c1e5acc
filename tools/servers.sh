#!/usr/bin/env bash
# servers.sh: installs what the integration tests start themselves, with
# apt-get on Debian and its children. Quick when all of it is there.
set -euo pipefail
missing=()
found() { printf 'servers: %s: %s\n' "$1" "$2"; }

postgres=$(ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null | sort -V | tail -1 || true)
[ -n "$postgres" ] || postgres=$(command -v postgres || true)
if [ -n "$postgres" ]; then found postgres "$postgres"; else missing+=(postgresql); fi

pgbouncer=$(PATH=$PATH:/usr/sbin command -v pgbouncer || true)
if [ -n "$pgbouncer" ]; then found pgbouncer "$pgbouncer"; else missing+=(pgbouncer); fi

redis=$(command -v redis-server || true)
if [ -n "$redis" ]; then found redis "$redis"; else missing+=(redis-server); fi

browser=
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  browser=$(command -v "$name" || true)
  [ -z "$browser" ] || break
done
if [ -n "$browser" ]; then found browser "$browser"; else missing+=(chromium); fi

[ ${#missing[@]} -gt 0 ] || exit 0
if ! command -v apt-get >/dev/null; then
  printf 'servers: there is no apt-get here: install %s by other means\n' "${missing[*]}" >&2
  exit 1
fi
if [ "$(id -u)" != 0 ]; then
  printf 'servers: not root: run  sudo apt-get install -y --no-install-recommends %s\n' "${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
# The tests start servers of their own: the package must not start one too.
mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
policy=/usr/sbin/policy-rc.d # Redis's would start by itself
[ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; trap 'rm -f "$policy"' EXIT; }
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}"
