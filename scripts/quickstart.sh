#!/usr/bin/env bash
# From nothing to a trained model, on made-up images: sets up, builds, trains, scores and predicts.
# Run again, it keeps what is there and goes on where it was stopped.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
scripts/setup.sh
scripts/build.sh

readonly unet=build/unet data=runs/quickstart-data run=runs/quickstart masks=runs/quickstart-masks
step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[[ -t 1 && -z ${NO_COLOR:-} ]] || step() { printf '\n%s\n' "$*"; }

step "1. A small data set: $data"
if [[ -d $data ]]; then
  echo "kept"
else
  "$unet" synth --out "$data"
fi

step "2. Training: $run"
if [[ -e $run/checkpoints/last.safetensors ]]; then
  "$unet" train --resume --out "$run"
else
  "$unet" train quickstart --data "$data" --out "$run"
fi

step "3. Scores on images it has not seen"
"$unet" evaluate "$run" --data "$data" --split test

step "4. Masks for new images: $masks"
"$unet" predict "$run" "$data/test/images" --out "$masks" --save mask,overlay --overwrite

step "Done."
cat <<TEXT
Look at:
  $masks/overlay    predicted classes laid over the images
  $run/samples      how the predictions grew better
The model:
  $run/checkpoints/best.safetensors
Next, your own data, with images/ and masks/ of the same names:
  $unet train --data YOUR_FOLDER --out runs/first
TEXT
