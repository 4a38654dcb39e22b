#!/usr/bin/env bash
# Builds the program: scripts/build.sh [release|debug|asan|tsan] [--tests] [--only TARGET]
#   release  into build/         optimized, compiled as a few large units; the default
#   debug    into build/debug    not optimized, each file compiled on its own; for development
#   asan     into build/asan     address and undefined behavior sanitizers
#   tsan     into build/tsan     thread sanitizer; only the tests of code that does not use LibTorch
# --only TARGET builds one target, e.g. one test program.
# UNET_TORCH=/path/to/libtorch: build with that LibTorch instead of the system's.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
kind=release
tests=OFF
only=
while [[ $# -gt 0 ]]; do
  case $1 in
    release | debug | asan | tsan) kind=$1 ;;
    --tests) tests=ON ;;
    --only)
      only=${2:?build: --only needs a target, e.g. --only test_data}
      shift
      ;;
    *)
      echo "build: unknown argument $1; expected release, debug, asan, tsan, --tests or --only TARGET" >&2
      exit 2
      ;;
  esac
  shift
done

folder=$root/build/$kind
case $kind in
  release) folder=$root/build options=(-DCMAKE_BUILD_TYPE=Release -DUNET_SANITIZE= -DUNET_UNITY=ON) ;;
  debug) options=(-DCMAKE_BUILD_TYPE=Debug -DUNET_SANITIZE=) ;;
  asan)
    # Compiles much faster than -O2 -g; reports still name lines, and tests run fast enough.
    options=(-DCMAKE_BUILD_TYPE=RelWithDebInfo "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1 -DNDEBUG"
      "-DUNET_SANITIZE=address,undefined" -DUNET_UNITY=ON)
    ;;
  tsan)
    options=(-DCMAKE_BUILD_TYPE=RelWithDebInfo -DUNET_SANITIZE=thread -DUNET_TORCH_FREE=ON)
    tests=ON
    ;;
esac
[[ -z ${UNET_TORCH:-} ]] || options+=("-DCMAKE_PREFIX_PATH=$UNET_TORCH")

# Once configured, the tests stay configured, so that alternating builds with and without --tests rebuild nothing.
if [[ $tests == ON ]] || grep -qs '^UNET_TESTS:BOOL=ON' "$folder/CMakeCache.txt"; then
  options+=(-DUNET_TESTS=ON)
else
  options+=(-DUNET_TESTS=OFF)
fi

# Number of parallel compilers: one per core, as long as each has about 2 GB of memory.
jobs() {
  local cores memory_kb
  cores=$(nproc)
  memory_kb=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
  local fitting=$((memory_kb / 2000000))
  echo $((fitting < 1 ? 1 : fitting < cores ? fitting : cores))
}

configure() {
  local settings="${options[*]}" log=$folder/configure.log
  [[ -e $folder/build.ninja && $(cat "$folder/settings.txt" 2>/dev/null) == "$settings" ]] && return
  mkdir -p "$folder"
  if [[ -e $folder/settings.txt && $(grep -o 'CMAKE_PREFIX_PATH=.*' "$folder/settings.txt") != \
    $(grep -o 'CMAKE_PREFIX_PATH=.*' <<<"$settings") ]]; then
    rm -f "$folder/CMakeCache.txt"  # it caches the paths of the other LibTorch
  fi
  if ! cmake -S "$root" -B "$folder" -G Ninja "${options[@]}" >"$log" 2>&1; then
    cat "$log" >&2
    echo "build: CMake failed; if a package is missing, run scripts/setup.sh" >&2
    exit 1
  fi
  echo "$settings" >"$folder/settings.txt"
}

configure
targets=(unet)
[[ $tests == OFF ]] || targets=(all)
[[ -z $only ]] || targets=("$only")
ninja -C "$folder" -j "$(jobs)" "${targets[@]}"
if [[ -n $only ]]; then
  echo "built: $only in $folder"
elif [[ $kind == tsan ]]; then
  echo "built: the tests in $folder"
else
  echo "built: $folder/unet"
fi
