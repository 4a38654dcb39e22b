#!/usr/bin/env bash
# Updates the option reference from the output of the program: scripts/option_reference.sh [--check]
#   configs/default.yaml   every option with its default, from `unet config --defaults`
#   configs/README.md      the tables between the markers, from `unet config --defaults` and `--schema`
# --check changes nothing, and exits with 1 if a file is out of date. UNET_PROGRAM: the program, default build/unet.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=${UNET_PROGRAM:-$root/build/unet}
if [[ ! -x $program ]]; then
  echo "option_reference: no program at $program; build it with scripts/build.sh" >&2
  exit 1
fi
exec python3 "$root/scripts/option_reference.py" --program "$program" --configs "$root/configs" "$@"
