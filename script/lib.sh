# Shared by the scripts: where things are, and how to talk to whoever runs them.
# shellcheck shell=bash

ROOT="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
CACHE="$ROOT/.cache"
VENV="$ROOT/.venv"

say() { printf '» %s\n' "$*"; }
note() { printf '! %s\n' "$*" >&2; }
die() {
  printf '✗ %s\n' "$*" >&2
  exit 1
}

# Runs a long step with its output in a log; shows the end of the log only if the step fails.
quietly() {
  local log="$CACHE/log/$1.log"
  shift
  mkdir -p "$CACHE/log"
  "$@" >"$log" 2>&1 && return 0
  tail -n 25 "$log" >&2
  note "the whole output is in ${log#"$ROOT"/}"
  return 1
}
