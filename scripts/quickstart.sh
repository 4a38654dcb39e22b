#!/usr/bin/env bash
# From a bare machine to a trained model on synthetic images: installs packages, builds, trains, scores and predicts.
# If run again, it keeps finished steps and resumes an unfinished training.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

readonly unet=build/unet data=runs/quickstart-data run=runs/quickstart masks=runs/quickstart-masks
readonly build_core_minutes=10  # compiler time of a first build
step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[[ -t 1 && -z ${NO_COLOR:-} ]] || step() { printf '\n%s\n' "$*"; }

step "1. Packages: compiler, LibTorch, OpenCV and others from the distribution, where they are missing"
scripts/setup.sh

cores=$(nproc)
if [[ -e $unet ]]; then
  step "2. Build: compiling what changed"
else
  minutes=$(((build_core_minutes + cores - 1) / cores))
  step "2. Build: compiling unet, about $minutes minutes on $cores cores; [k/n] counts the steps"
fi
scripts/build.sh

step "3. A small data set: $data"
if [[ -d $data ]]; then
  echo "already exists; kept"
else
  "$unet" synth --out "$data"
fi

step "4. Training: $run, 1 to 3 minutes"
if [[ -e $run/checkpoints/last.safetensors ]]; then
  "$unet" train --resume --out "$run"
else
  "$unet" train quickstart --data "$data" --out "$run"
fi

step "5. Scores on test images"
"$unet" evaluate "$run" --data "$data" --split test

step "6. Masks for new images: $masks"
"$unet" predict "$run" "$data/test/images" --out "$masks" --save mask,overlay --overwrite

step "Done."
cat <<TEXT
Pictures:
  $masks/overlay    predicted classes over the images
  $run/samples      predictions over time
Model:
  $run/checkpoints/best.safetensors
Next, your own data: a folder with images/ and masks/, in which an image and its mask have the same name
  $unet train --data YOUR_FOLDER --out runs/first --time 30m
TEXT
