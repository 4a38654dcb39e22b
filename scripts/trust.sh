#!/usr/bin/env bash
# Robustness: injects disk, memory and process failures. Runs the tests behind the table in tests/README.md in their
# long form:
#   scripts/trust.sh [--without-sanitizers] [--cases N] [ROW...]
# Builds, runs the given rows (default: all), and prints a Markdown table with the date and the commit; the output of
# the tests goes to build/trust.txt. --cases N limits the cases of each kind. Some rows mount small file systems and
# need root; rows that could not run are listed. Exits with 1 if a case fails.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
log=$root/build/trust.txt
sanitizers=true
cases=1000000
wanted=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --without-sanitizers) sanitizers=false ;;
    --cases)
      cases=${2:?trust: --cases needs a number, e.g. --cases 10}
      shift
      ;;
    [0-9]*) wanted+=("$1") ;;
    *)
      echo "trust: unknown argument $1; expected --without-sanitizers, --cases N or a row number" >&2
      exit 2
      ;;
  esac
  shift
done

# Prints row, test program and test filter, one line each.
tests() {
  cat <<'END'
1 test_app Resume.*
1 test_cli Stopping.AfterAnyStep*
2 test_cli Stopping.TheNumberOfWorkers*
3 test_cli Kill.*
4 test_cli Stopping.Sig*
5 test_cli Disk.*-Disk.AnOutput*
6 test_cli Disk.AnOutput*
7 test_app DamagedCheckpoint.*-DamagedCheckpoint.Mismatch*
8 test_app DamagedCheckpoint.Mismatch*
8 test_cli ResumeRun.AnotherNetwork*
9 test_data DamagedImages.*
11 test_cli OddData.*
12 test_cli NotFinite.*
13 test_cli OutOfMemory.*
14 test_app BadConfig.*
15 test_cli HostileNames.*
16 test_cli TwoProcesses.*
END
}

is_wanted() { [[ ${#wanted[@]} -eq 0 || " ${wanted[*]} " == *" $1 "* ]]; }

failures=()

# run ROW PROGRAM FILTER: runs the tests of a row and appends their output to the log.
run() {
  local output=$root/build/trust-part.txt
  echo "trust: row $1, $2 $3" >&2
  : >"$output"
  UNET_TRUST=$cases "$root/build/$2" --gtest_filter="$3" >"$output" 2>&1 </dev/null ||
    failures+=("row $1: $2 --gtest_filter='$3' failed")
  grep -q '^\[       OK \]\|^\[  FAILED  \]\|^\[  SKIPPED \]' "$output" || failures+=("row $1: no test ran in $2 $3")
  cat "$output" >>"$log"
}

# sanitize KIND TITLE: runs the whole suite in its short form; skipped tests are not counted as tried.
sanitize() {
  local last
  echo "trust: row 20, scripts/test.sh $1" >&2
  "$root/scripts/test.sh" "$1" >>"$log" 2>&1 || failures+=("row 20: scripts/test.sh $1 failed")
  last=$(tail -n 1 "$log")
  if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
    echo "trust: 20 | $2 | tried $((BASH_REMATCH[1] + BASH_REMATCH[2])) | passed ${BASH_REMATCH[1]}" >>"$log"
  fi
}

table() {
  local change=""
  [[ -z $(git -C "$root" status --porcelain --untracked-files=no) ]] || change=" with changes"
  echo "Run on $(date +%F), commit $(git -C "$root" rev-parse --short HEAD)$change, $(nproc) cores:"
  echo
  echo "| row | what | tried | passed |"
  echo "|---|---|---|---|"
  sed -nE 's/^trust: ([0-9]+) \| (.*) \| tried ([0-9]+) \| passed ([0-9]+)$/| \1 | \2 | \3 | \4 |/p' "$log"
}

"$root/scripts/build.sh" release --tests >&2
: >"$log"
while read -r row program filter; do
  ! is_wanted "$row" || run "$row" "$program" "$filter"
done < <(tests)
if $sanitizers && is_wanted 20; then
  sanitize asan "address and undefined behavior sanitizers over all tests"
  sanitize tsan "thread sanitizer over the tests that do not use LibTorch"
fi

table
awk '/^\[ RUN / { text = ""; next } /^\[  SKIPPED \] .* ms\)$/ { print "\nNot run: " $4 ": " text } { text = $0 }' "$log"
mapfile -t short < <(sed -nE 's/^(trust: .*) \| tried ([0-9]+) \| passed ([0-9]+)$/\2 \3 \1/p' "$log" |
  awk '$1 == 0 || $2 < $1 { $1 = $2 = ""; print }')
for failure in ${failures[@]+"${failures[@]}"} ${short[@]+"${short[@]}"}; do
  echo "trust: failed: $failure" >&2
done
[[ ${#failures[@]} -eq 0 && ${#short[@]} -eq 0 ]]
