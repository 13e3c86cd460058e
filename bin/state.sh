# Sourced by the scripts beside it: where the checkout and its state are, and how they speak.
# shellcheck shell=bash

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
fail() { warn "$*"; exit 1; }

# PostgreSQL refuses to run as root, so root lends the servers to the users that Debian made for them.
as_user() {
  local user=$1
  shift
  if [[ $(id -u) == 0 ]]; then runuser -u "$user" -- "$@"; else "$@"; fi
}

give_to() {
  local user=$1
  shift
  if [[ $(id -u) == 0 ]]; then chown "$user:" "$@"; fi
}

reachable_by_servers() {
  [[ $(id -u) != 0 ]] || ! id postgres &>/dev/null || runuser -u postgres -- test -x "$1"
}

# Debian's /root is closed to the servers' users; the state of a checkout there is kept outside, behind a link.
place_default_state() {
  local link=$1 digest
  if [[ -e $link ]] || reachable_by_servers "$checkout"; then return; fi
  digest=$(printf '%s' "$checkout" | sha256sum | cut -c1-12)
  install -d -m 0711 /var/lib/dtks-portal "/var/lib/dtks-portal/$digest"
  ln -sfn "/var/lib/dtks-portal/$digest" "$link"
}

locate_state() {
  if [[ -z ${PORTAL_STATE:-} ]]; then
    place_default_state "$checkout/.local"
    PORTAL_STATE=$checkout/.local
  fi
  PORTAL_STATE=$(realpath -m -- "$PORTAL_STATE")
  export PORTAL_STATE
}

# Servers beside the portal's own, for tests and benchmarks, so that neither meets the other's queue or data.
locate_scratch_state() {
  locate_state
  PORTAL_STATE=$PORTAL_STATE/scratch
}
