#!/usr/bin/env bash
# Runs a Node.js script that uses ONNX Runtime: scripts/onnxruntime.sh SCRIPT [ARGUMENT...]
# Downloads ONNX Runtime for Node.js into build/onnxruntime, once, from the npm registry that npm_config_registry or npm
# names, else from registry.npmjs.org. If that fails, prints the reason and exits with 77.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly version=1.20.1 modules=$root/build/onnxruntime/node_modules
readonly node_sha512=762fc8e070d7470f852e0abe4f21e64040ddddc129f62145666d2be2e27559dedbfd6135557b4a5a8f327a67b1df8edce86345ff73eff3a65f3e1216c4e46bd3
readonly common_sha512=622534b342336180be816bea0f51f32dce3a0eed6c5e94a2c3329beb73c008826be8b7cbdbb56c5d25d0bedebc1330f75740f905cd2fc894e398cc69d329508b

unavailable() {
  echo "$*"
  exit 77
}

registry() {
  local url=${npm_config_registry:-}
  [[ -n $url ]] || ! command -v npm >/dev/null || url=$(npm config get registry)
  url=${url:-https://registry.npmjs.org}
  echo "${url%/}"
}

# install NAME SHA512: downloads and unpacks a package, without the libraries for other systems.
install() {
  local name=$1 sha512=$2 url archive=$modules/$1.tgz folder=$modules/$1
  url=$(registry)/$name/-/$name-$version.tgz
  mkdir -p "$modules"
  curl -fsSL --retry 3 -o "$archive" "$url" || unavailable "curl could not download $url"
  sha512sum --quiet --check <<<"$sha512  $archive" || unavailable "$url: not the file of version $version"
  rm -rf "$folder.new"
  mkdir "$folder.new"
  tar -xzf "$archive" -C "$folder.new" --strip-components=1 --exclude='*/win32' --exclude='*/darwin'
  mv "$folder.new" "$folder"
  rm "$archive"
}

command -v node >/dev/null || unavailable "node is not installed; on Debian and Ubuntu: apt-get install nodejs"
command -v curl >/dev/null || unavailable "curl is not installed; on Debian and Ubuntu: apt-get install curl"
[[ -d $modules/onnxruntime-common ]] || install onnxruntime-common "$common_sha512"
[[ -d $modules/onnxruntime-node ]] || install onnxruntime-node "$node_sha512"
NODE_PATH=$modules exec node "$@"
