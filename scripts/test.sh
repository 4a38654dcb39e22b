#!/usr/bin/env bash
# Builds and runs all tests: scripts/test.sh [release|debug|asan|tsan]
# or gives damaged files to the readers of files: scripts/test.sh fuzz [SECONDS [TARGET...]], see scripts/fuzz.sh
# The last line is "N passed, N failed, N skipped"; the output of failed tests and the reasons of skipped ones precede
# it. Tests on real data read UNET_DATASETS (default: ../shared/datasets) and are skipped without it.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
kind=${1:-release}
[[ $kind != fuzz ]] || exec "$root/scripts/fuzz.sh" "${@:2}"
folder=$root/build
[[ $kind == release ]] || folder=$root/build/$kind

"$root/scripts/setup.sh" --tests
"$root/scripts/build.sh" "$kind" --tests

results=$folder/test-results
rm -rf "$results"
mkdir -p "$results"
passed=0 failed=0 skipped=0

# lines REGEX FILE: number of lines of FILE that match.
lines() { grep -cE "$1" "$2" || true; }

# Counts results in the output of a test program, even if it crashed.
count() {
  local name=$1 code=$2 output=$3 failures
  failures=$(lines '^\[  FAILED  \] .*\([0-9]+ ms\)$' "$output")
  passed=$((passed + $(lines '^\[       OK \]' "$output")))
  skipped=$((skipped + $(lines '^\[  SKIPPED \] .*\([0-9]+ ms\)$' "$output")))
  if [[ $failures -gt 0 || $code -ne 0 ]]; then
    echo "FAILED $name (exit code $code):"
    awk '/^\[ RUN / { text = ""; next } /^\[       OK \]/ { text = ""; next }
         /^\[  FAILED  \] .* ms\)$/ { printf "%s%s\n", text, $0; text = ""; next }
         { text = text $0 "\n" } END { printf "%s", text }' "$output" | tail -n 100
    [[ $failures -gt 0 ]] || failures=1  # the program crashed
  fi
  failed=$((failed + failures))
  awk '/^\[ RUN / { text = ""; next } /^\[  SKIPPED \] .* ms\)$/ { print text $0 } { text = $0 " " }' "$output"
}

# Some tests allocate more memory than available and expect an error.
if [[ $kind == asan ]]; then
  export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}allocator_may_return_null=1
  export LSAN_OPTIONS=suppressions=$root/tests/support/leaks.txt:print_suppressions=0
fi

# Prints the suites of a test program, every second one from the first (half 0) or the second (half 1).
suites() { "$1" --gtest_list_tests | awk -v half="$2" '/^[^ ]/ && $1 ~ /[.]$/ && n++ % 2 == half { printf "%s*:", $1 }'; }

# Runs half of the suites of a test program; its output and exit code go to files.
run() {
  local program=$1 half=$2 name code=0
  name=$(basename "$program").$half
  timeout 3600 "$program" --gtest_filter="$(suites "$program" "$half")" >"$results/$name.txt" 2>&1 || code=$?
  echo "$code" >"$results/$name.code"
  echo "$name: done"
}

mapfile -t programs <"$folder/test_programs.txt"
cd "$root"
# Two processes at a time, the slowest first: most tests use one core. They must not wait for each other's threads.
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-1000}
for ((i = ${#programs[@]} - 1; i >= 0; i--)); do
  for half in 0 1; do
    [[ $(jobs -rp | wc -l) -lt 2 ]] || wait -n
    run "${programs[i]}" "$half" &
  done
done
wait
for program in "${programs[@]}"; do
  for half in 0 1; do
    name=$(basename "$program").$half
    count "$name" "$(<"$results/$name.code")" "$results/$name.txt"
  done
done
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 ]]
