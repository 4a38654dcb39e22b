#!/usr/bin/env bash
# Builds and tests the last commit (HEAD) on other releases of Debian: scripts/other_systems.sh [RELEASE...]
#   RELEASE  trixie, sid, bookworm, ...; default: trixie and sid
# debootstrap installs each release from UNET_MIRROR (default: http://deb.debian.org/debian) into a folder of
# UNET_ROOTS (default: /var/tmp/unet-roots), about 4 GB each. It keeps the folder and its build, so that the next run
# is fast; delete the folder to start from scratch. Needs root. Progress goes to stderr and UNET_ROOTS/RELEASE.log, the table
# at the end to stdout. Exits with 1 if a release does not pass.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly roots=${UNET_ROOTS:-/var/tmp/unet-roots} mirror=${UNET_MIRROR:-http://deb.debian.org/debian}
readonly source=/src/unet certificates=/etc/ssl/certs/ca-certificates.crt
releases=("$@")
[[ $# -gt 0 ]] || releases=(trixie sid)

say() { echo "other_systems: $*" >&2; }

die() {
  say "$@"
  exit 1
}

for release in "${releases[@]}"; do
  if [[ ! $release =~ ^[a-z]+$ ]]; then
    say "unknown argument $release; expected releases, e.g. scripts/other_systems.sh trixie"
    exit 2
  fi
done
[[ $EUID -eq 0 ]] || die "debootstrap and chroot need root: sudo scripts/other_systems.sh ${releases[*]}"
command -v debootstrap >/dev/null || die "debootstrap is not installed; on Debian and Ubuntu: apt-get install debootstrap"

# enter FOLDER COMMAND...: runs COMMAND with FOLDER as its root, in a mount namespace of its own, so that everything is
# unmounted at the end. Of the environment, only the network settings are passed on.
enter() {
  local folder=$1 variable passed=()
  shift
  for variable in http_proxy https_proxy no_proxy npm_config_registry UNET_REQUIRE_ORACLES; do
    [[ -z ${!variable:-} ]] || passed+=("$variable=${!variable}")
  done
  [[ ! -e $folder$certificates.host ]] || passed+=("CURL_CA_BUNDLE=$certificates.host")
  # shellcheck disable=SC2016  # the inner shell expands these
  unshare --mount bash -euc '
    mount -t proc proc "$0/proc"
    mount --rbind /sys "$0/sys"
    mount --rbind /dev "$0/dev"
    exec chroot "$0" /usr/bin/env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"' \
    "$folder" "${passed[@]}" "$@" </dev/null
}

make_root() {
  local release=$1 folder=$roots/$1
  [[ ! -e $folder/.made ]] || return 0
  say "$release: installing into $folder"
  rm -rf --one-file-system "$folder"
  debootstrap --variant=minbase --include=ca-certificates "$release" "$folder" "$mirror" &&
    echo force-unsafe-io >"$folder/etc/dpkg/dpkg.cfg.d/unet" &&  # a root that can be recreated needs no fsync
    touch "$folder/.made"
}

# Copies the network settings of the host: proxies, name servers and certificates.
share_network() {
  local release=$1 folder=$roots/$1
  {
    ! command -v apt-config >/dev/null || apt-config dump | grep -E '^Acquire::https?::' || true
    # The index of a mirror of sid expires after some days.
    [[ $release != sid ]] || echo 'Acquire::Check-Valid-Until "false";'
  } >"$folder/etc/apt/apt.conf.d/90unet"
  cp --remove-destination /etc/resolv.conf "$folder/etc/resolv.conf"
  [[ ! -e $certificates ]] || cp "$certificates" "$folder$certificates.host"
}

upgrade() { enter "$1" sh -c 'apt-get update -qq && apt-get dist-upgrade -qq -y && apt-get clean'; }

# Copies the commit. Writes only files that differ, so that the build stays incremental.
copy_source() {
  local folder=$1
  mkdir -p "$folder$source" &&
    GIT_INDEX_FILE=$folder.index git -C "$root" --work-tree="$folder$source" read-tree --reset -u HEAD
}

run_tests() {
  make_root "$1" && share_network "$1" && upgrade "$roots/$1" && copy_source "$roots/$1" &&
    enter "$roots/$1" "$source/scripts/test.sh"
}

# Prints the row of the table for a release, from its root and its log.
row() {
  local folder=$roots/$1 log=$roots/$1.log name torch compiler standard tests
  # shellcheck source=/dev/null
  name=$(. "$folder/etc/os-release" && echo "${PRETTY_NAME/ GNU\/Linux/}") || name=$1
  # shellcheck disable=SC2016  # dpkg-query expands it
  torch=$(enter "$folder" dpkg-query -W -f '${Version}' libtorch-dev 2>/dev/null) || torch=none
  compiler=$(enter "$folder" g++ -dumpfullversion 2>/dev/null) || compiler=none
  standard=$(grep -om1 -e '-std=c++[0-9]*' "$folder$source/build/compile_commands.json" 2>/dev/null) || standard=none
  tests=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log") || tests="no tests ran"
  echo "| $name | ${torch%%+*} | g++ $compiler | ${standard#-std=c++} | $tests |"
}

mkdir -p "$roots"
commit=$(git -C "$root" log -1 --format='%h (%s)')
failures=0
rows=()
for release in "${releases[@]}"; do
  say "$release: testing $commit"
  run_tests "$release" 2>&1 | tee "$roots/$release.log" >&2 || failures=$((failures + 1))
  ! grep -q 'warning:' "$roots/$release.log" || say "$release: compiler warnings, see $roots/$release.log"
  rows+=("$(row "$release")")
done
say "tested $commit"
echo "| system | LibTorch | compiler | C++ | tests |"
echo "|---|---|---|---|---|"
printf '%s\n' "${rows[@]}"
[[ $failures -eq 0 ]]
