# Shared by the scripts: where things are, and how to talk to whoever runs them.
# shellcheck shell=bash disable=SC2034

ROOT="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
CACHE="$ROOT/.cache"
VENV="$ROOT/.venv"
OLDEST="$CACHE/oldest"
CONSOLE="$ROOT/addon/operator/console"
# What set-up fetched comes last: a tool that the machine already has is used first.
export PATH="$PATH:$CACHE/node/bin:$CACHE/uv/bin"

say() { printf '» %s\n' "$*" >&2; }
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
  note "The whole output is in ${log#"$ROOT"/}."
  return 1
}

# pip_into DIR PACKAGE...: installs into a folder of its own, so that nothing on the machine changes.
pip_into() {
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --upgrade --target "$@"
}
