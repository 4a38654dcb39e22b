#!/usr/bin/env bash
# Runs a script of Node.js that uses ONNX Runtime: scripts/onnxruntime.sh SCRIPT [ARGUMENT...]
# ONNX Runtime comes from npm into build/onnxruntime, once. Exit code 77 and a reason where it cannot be had.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly package=onnxruntime-node@1.20.1 prefix=$root/build/onnxruntime

unavailable() {
  echo "$*"
  exit 77
}

command -v node >/dev/null || unavailable "no node here (Debian: nodejs)"
if [[ ! -d $prefix/node_modules/onnxruntime-node ]]; then
  command -v npm >/dev/null || unavailable "no npm here to get $package with"
  mkdir -p "$prefix"
  log=$prefix/install.log
  # The package's install scripts fetch CUDA, which nothing here needs.
  npm install --ignore-scripts --no-audit --no-fund --prefix "$prefix" "$package" >"$log" 2>&1 ||
    unavailable "npm cannot install $package: $(tail -n 1 "$log")"
fi
NODE_PATH=$prefix/node_modules exec node "$@"
