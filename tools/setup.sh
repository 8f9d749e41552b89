# What tools/quickstart, tools/test and .ci/run share: where the project is, which packages it needs, how it is built.
# Sourced by bash scripts with `set -euo pipefail`; moves to the project's root.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Names in Debian 12 and Ubuntu 24.04; both have every one of them.
packages=(cmake ninja-build g++ ccache libboost-dev libboost-graph-dev libboost-program-options-dev nlohmann-json3-dev
  libfmt-dev catch2 libeigen3-dev libbenchmark-dev libsimdjson-dev zlib1g-dev libzstd-dev
  libsqlite3-dev python3)

# The libraries of the HTML pages come with npm; whoever has one of another origin keeps it.
command -v npm >/dev/null || packages+=(nodejs npm)

# Paths in the cache are relative to the checkout, so that a second checkout finds what the first one compiled.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1

say() { printf '==> %s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

installed() { [[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || true)" == installed ]]; }

# Installs those of the named packages that are missing. Touches neither the network nor root rights when none is.
install_packages() {
  local missing=() package as_root=()
  command -v dpkg-query >/dev/null || fail "this is no Debian or Ubuntu; install by hand what corresponds to: $*"
  for package in "$@"; do
    installed "$package" || missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then
    say "packages: all $# are installed"
    return
  fi
  say "packages: installing ${missing[*]}"
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "neither root nor sudo; have someone run: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -q </dev/null || fail "apt-get update failed (output above)"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" \
    </dev/null || fail "apt-get install failed (output above)"
}

# build PRESET [TARGET]: configures build/PRESET and builds it, or one target of it. MEMWALL_WERROR=ON makes warnings errors.
build() {
  local preset="$1" options=() target=()
  [[ -z "${MEMWALL_WERROR:-}" ]] || options=(-D "MEMWALL_WERROR=$MEMWALL_WERROR")
  (($# < 2)) || target=(--target "$2")
  say "configure build/$preset"
  cmake --preset "$preset" "${options[@]}" </dev/null || fail "configuring build/$preset failed"
  say "build build/$preset ${2:-}"
  cmake --build --preset "$preset" --parallel "$(nproc)" "${target[@]}" </dev/null || fail "building build/$preset failed"
}
