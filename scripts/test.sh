#!/usr/bin/env bash
# Builds and runs all tests: scripts/test.sh [release|debug|asan|tsan]
# The last line is "N passed, N failed, N skipped"; failed tests and reasons of skipped ones stand above it.
# Real data sets are looked for in ../shared/datasets, or where UNET_DATASETS says.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
kind=${1:-release}
folder=$root/build
[[ $kind == release ]] || folder=$root/build/$kind

"$root/scripts/setup.sh" --tests
"$root/scripts/build.sh" "$kind" --tests

results=$folder/test-results
rm -rf "$results"
mkdir -p "$results"
mapfile -t programs <"$folder/test_programs.txt"
cd "$root"
for program in "${programs[@]}"; do
  name=$(basename "$program")
  echo "running $name"
  code=0
  timeout 3600 "$program" --gtest_output="json:$results/$name.json" >"$results/$name.txt" 2>&1 || code=$?
  echo "$code" >"$results/$name.exit"
done
python3 scripts/test_summary.py "$results" "${programs[@]##*/}"
