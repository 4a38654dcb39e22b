#!/usr/bin/env bash
# Runs a Node.js script that uses ONNX Runtime: scripts/onnxruntime.sh SCRIPT [ARGUMENT...]
# Installs ONNX Runtime from npm into build/onnxruntime, once. If that fails, prints the reason and exits with 77.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly package=onnxruntime-node@1.20.1 prefix=$root/build/onnxruntime

unavailable() {
  echo "$*"
  exit 77
}

command -v node >/dev/null || unavailable "node is not installed; on Debian and Ubuntu: apt-get install nodejs"
if [[ ! -d $prefix/node_modules/onnxruntime-node ]]; then
  command -v npm >/dev/null ||
    unavailable "npm is not installed, which $package needs; on Debian and Ubuntu: apt-get install npm"
  mkdir -p "$prefix"
  log=$prefix/install.log
  # The install scripts of the package download CUDA, which is not needed here.
  npm install --ignore-scripts --no-audit --no-fund --prefix "$prefix" "$package" >"$log" 2>&1 ||
    unavailable "npm could not install $package: $(tail -n 1 "$log")"
fi
NODE_PATH=$prefix/node_modules exec node "$@"
