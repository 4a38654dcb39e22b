#!/usr/bin/env bash
# Compares the speed with PyTorch and ONNX Runtime: scripts/bench/compare.sh [--json] [--rounds N] [...]
# Builds the program first. All options: scripts/bench/compare.py --help
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
"$root/scripts/setup.sh" --tests >&2
"$root/scripts/build.sh" >&2
exec /usr/bin/python3 "$root/scripts/bench/compare.py" "$@"
