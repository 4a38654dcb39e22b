#!/usr/bin/env bash
# Checks formatting and lints: scripts/lint.sh [--fix] [FILE...]; without FILE, the whole tree.
# Runs clang-format on all sources, clang-tidy on app, configs, data and models, and shellcheck on the scripts. A tool
# that is not installed is reported and skipped. --fix formats the files in place and skips clang-tidy.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
fix=false
files=()
for argument in "$@"; do
  case $argument in
    --fix) fix=true ;;
    -*)
      echo "lint: unknown argument $argument; expected --fix or files" >&2
      exit 2
      ;;
    *) files+=("$(realpath --relative-to="$root" "$argument")") ;;
  esac
done
cd "$root"
if [[ ${#files[@]} -eq 0 ]]; then
  mapfile -t files < <(find app configs data models tests scripts .ci -type f | sort)
fi

failures=0

# Prints the files that match a pattern, each terminated by a NUL byte.
select_files() { printf '%s\0' "${files[@]}" | grep -zE "$1" || true; }

# check TOOL COMMAND...: runs COMMAND if TOOL is installed, and counts its failure.
check() {
  local tool=$1
  shift
  if ! command -v "$tool" >/dev/null; then
    echo "lint: $tool is not installed; skipped"
  elif ! "$@"; then
    failures=$((failures + 1))
    echo "lint: $tool found problems"
  fi
}

format() {
  local mode=(--dry-run -Werror)
  ! $fix || mode=(-i)
  select_files '\.(h|cpp)$' | xargs -0r clang-format "${mode[@]}"
}

# clang cannot read the precompiled header of GCC, so clang-tidy uses a build folder without one.
tidy() {
  local folder=build/lint
  cmake -S . -B "$folder" -G Ninja -DUNET_TESTS=OFF -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON \
    -DCCACHE=OFF ${UNET_TORCH:+"-DCMAKE_PREFIX_PATH=$UNET_TORCH"} >/dev/null
  select_files '^(app|configs|data|models)/.*\.cpp$' |
    xargs -0r -n 1 -P "$(nproc)" clang-tidy -p "$folder" --quiet |&
    { grep -v ' warnings generated\.$' || true; }  # counts of warnings in system headers
}

shell() { select_files '\.sh$|^\.ci/run$' | xargs -0r shellcheck; }

check clang-format format
$fix || check clang-tidy tidy
check shellcheck shell
[[ $failures -eq 0 ]]
