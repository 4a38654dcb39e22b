#!/usr/bin/env bash
# Gives damaged files to every reader of files, with the address and undefined behavior sanitizers:
#   scripts/fuzz.sh [SECONDS [TARGET...]]
# SECONDS (60) for each target; the targets are those of tests/fuzz. Two run at a time. Prints a line for each, and exits
# with 1 if one found a fault. build/fuzz/TARGET/kept holds files that led to a new message, from which the next run
# goes on; build/fuzz/TARGET/finding-* are the faults, and after a crash build/fuzz/TARGET/work has the file. A file
# that shows a fixed fault belongs in tests/fuzz/corpus/TARGET.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
seconds=${1:-60}
shift || true
if ! [[ $seconds =~ ^[0-9]+$ ]]; then
  echo "fuzz: got '$seconds', expected a number of seconds, e.g. scripts/fuzz.sh 60 png" >&2
  exit 2
fi
program=$root/build/asan/test_fuzz
results=$root/build/fuzz

"$root/scripts/setup.sh" --tests >&2
"$root/scripts/build.sh" asan --tests --only test_fuzz >&2
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}allocator_may_return_null=1
export LSAN_OPTIONS=suppressions=$root/tests/support/leaks.txt:print_suppressions=0
export UNET_FUZZ_SECONDS=$seconds UNET_FUZZ_FOLDER=$results
mkdir -p "$results"

mapfile -t known < <("$program" --gtest_list_tests --gtest_filter='*EveryFileIsReadOrRefused/*' |
  sed -n 's|^ *EveryFileIsReadOrRefused/\([a-z0-9_]*\).*|\1|p')
targets=("$@")
[[ ${#targets[@]} -gt 0 ]] || targets=("${known[@]}")
for target in "${targets[@]}"; do
  if [[ " ${known[*]} " != *" $target "* ]]; then
    echo "fuzz: no target $target; expected some of ${known[*]}" >&2
    exit 2
  fi
done

# Runs one target in a process of its own; its output and exit code go to files.
run() {
  local code=0
  "$program" --gtest_filter="*EveryFileIsReadOrRefused/$1" >"$results/$1.txt" 2>&1 || code=$?
  echo "$code" >"$results/$1.code"
}

for target in "${targets[@]}"; do
  [[ $(jobs -rp | wc -l) -lt 2 ]] || wait -n
  run "$target" &
done
wait

failed=0
for target in "${targets[@]}"; do
  grep '^fuzz: ' "$results/$target.txt" || echo "fuzz: $target | crashed"
  [[ $(<"$results/$target.code") == 0 ]] || {
    failed=$((failed + 1))
    echo "fuzz: $target failed, see $results/$target.txt" >&2
  }
done
[[ $failed -eq 0 ]]
