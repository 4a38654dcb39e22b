#!/usr/bin/env bash
# Times the program beside PyTorch and ONNX Runtime, in turns: scripts/bench/compare.sh [--json] [--rounds N] [...]
# What it runs, and the further options: scripts/bench/compare.py --help. Builds the program first.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
"$root/scripts/setup.sh" --tests >&2
"$root/scripts/build.sh" >&2
exec /usr/bin/python3 "$root/scripts/bench/compare.py" "$@"
