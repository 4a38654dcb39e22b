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
cd "$root"
while read -r program; do
  name=$(basename "$program")
  echo "running $name"
  # A program that crashes leaves no JSON; its output then says more than we could.
  timeout 3600 "$program" --gtest_brief=1 --gtest_output="json:$results/$name.json" >"$results/$name.txt" 2>&1 ||
    echo $? >"$results/$name.exit"
done <"$folder/test_programs.txt"

python3 - "$results" "$folder/test_programs.txt" <<'PYTHON'
import json
import pathlib
import sys

results, programs = map(pathlib.Path, sys.argv[1:])
passed, failed, skipped = 0, 0, 0


def failure(name, text):
    global failed
    failed += 1
    print(f"FAILED {name}\n{text.rstrip()}\n")


for program in programs.read_text().split():
    name = pathlib.Path(program).name
    report, exit_code = results / f"{name}.json", results / f"{name}.exit"
    failed_before = failed
    cases = []
    if report.exists():
        cases = [case for suite in json.loads(report.read_text())["testsuites"] for case in suite["testsuite"]]
    for case in cases:
        full_name = f"{case['classname']}.{case['name']}"
        if "failures" in case:
            failure(full_name, "\n".join(entry["failure"] for entry in case["failures"]))
        elif case["result"] == "SKIPPED":
            skipped += 1
            reasons = [entry["message"] for entry in case.get("skipped", [])]
            print(f"SKIPPED {full_name}: {' '.join(' '.join(reasons).split('\n')[1:]) or 'no reason given'}")
        else:
            passed += 1
    if exit_code.exists() and failed == failed_before:
        output = (results / f"{name}.txt").read_text(errors="replace")
        failure(name, f"ended with exit code {exit_code.read_text().strip()}\n" + "\n".join(output.splitlines()[-30:]))
    if not exit_code.exists() and not cases:
        failure(name, "ran no tests")

print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(failed > 0)
PYTHON
