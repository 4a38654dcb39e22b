#!/usr/bin/env python3
"""Sums up the results that scripts/test.sh collects: test_summary.py RESULTS NAME...

For each test program NAME, RESULTS holds NAME.json (GoogleTest's report; absent after a crash), NAME.txt (its output)
and NAME.exit (its exit code). Ends with "N passed, N failed, N skipped"; exit code 1 where anything failed.
"""

import json
import pathlib
import sys


def cases_of(report):
    """The single tests of a GoogleTest report; none where the program ended before writing it."""
    if not report.exists():
        return []
    return [case for suite in json.loads(report.read_text())["testsuites"] for case in suite["testsuite"]]


def skip_reason(name, output):
    """What the test said before it was skipped. It follows the line with the place in the source."""
    said = output.partition(f"[ RUN      ] {name}\n")[2].partition("[  SKIPPED ]")[0]
    return " ".join(said.splitlines()[1:]) or "no reason given"


def main():
    results = pathlib.Path(sys.argv[1])
    counts = {"passed": 0, "failed": 0, "skipped": 0}

    def failed(name, text):
        counts["failed"] += 1
        print(f"FAILED {name}\n{text.rstrip()}\n")

    for program in sys.argv[2:]:
        output = (results / f"{program}.txt").read_text(errors="replace")
        exit_code = (results / f"{program}.exit").read_text().strip()
        cases = cases_of(results / f"{program}.json")
        failed_before = counts["failed"]
        for case in cases:
            name = f"{case['classname']}.{case['name']}"
            if "failures" in case:
                failed(name, "\n".join(entry["failure"] for entry in case["failures"]))
            elif case["result"] == "SKIPPED":
                counts["skipped"] += 1
                print(f"SKIPPED {name}: {skip_reason(name, output)}")
            else:
                counts["passed"] += 1
        if exit_code != "0" and counts["failed"] == failed_before:
            last_lines = "\n".join(output.splitlines()[-30:])
            failed(program, f"ended with exit code {exit_code}; the end of its output:\n{last_lines}")
        elif not cases:
            failed(program, "ran no tests")

    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    sys.exit(counts["failed"] > 0)


if __name__ == "__main__":
    main()
