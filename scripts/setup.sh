#!/usr/bin/env bash
# Installs the packages that the build needs; with --tests, also those that the tests need. The package names are those
# of Debian 12 and newer and Ubuntu 22.04 and newer. LibTorch on Ubuntu: 1.8 in 22.04, none in 24.04, 2.6 in 25.10, 2.9
# in 26.04. Does nothing if everything is installed. UNET_TORCH=/path/to/libtorch: use that LibTorch instead of the one
# of the distribution.
set -euo pipefail

readonly minimum_torch=1.13
packages=(g++ cmake ninja-build pkg-config libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev
  libcli11-dev libspdlog-dev libyaml-cpp-dev nlohmann-json3-dev libjpeg-dev libpng-dev libtiff-dev
  libdeflate-dev libprotozero-dev libpugixml-dev libxxhash-dev zlib1g-dev)
oracle_packages=()  # for tests that compare with PyTorch; without them these tests are skipped
torch_package=libtorch-dev
readonly zip="the LibTorch zip (Linux, C++, cxx11 ABI) from https://pytorch.org/get-started/locally"

say() { echo "setup: $*" >&2; }

die() {
  say "$@"
  exit 1
}

is_installed() { [[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null) == ii* ]]; }

# Prints the version that apt would install, or nothing.
available_version() { apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: *//p' | grep -v '^(none)$' || true; }

as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  else
    sudo "$@"
  fi
}

may_be_root() { [[ $EUID -eq 0 ]] || command -v sudo >/dev/null; }

is_new_enough() { [[ -n $1 ]] && dpkg --compare-versions "$1" ge "$minimum_torch"; }

check_torch_version() {
  local version
  version=$(dpkg-query -W -f='${Version}' "$torch_package" 2>/dev/null || true)
  [[ -n $version ]] || version=$(available_version "$torch_package")
  is_new_enough "$version" || die "this distribution has $torch_package ${version:-none}; $minimum_torch or newer is" \
    "needed. Get $zip, unpack it, and run this script again with UNET_TORCH=/path/to/libtorch"
}

# Looks for an NVIDIA display controller on the PCI bus; under WSL, where cards are not on that bus, asks the driver.
has_nvidia_card() {
  local device
  for device in "${UNET_PCI_DEVICES:-/sys/bus/pci/devices}"/*; do
    [[ $(cat "$device/vendor" "$device/class" 2>/dev/null) != 0x10de$'\n'0x03* ]] || return 0
  done
  nvidia-smi -L >/dev/null 2>&1
}

advise_on_nvidia() {
  [[ $torch_package == libtorch-dev ]] && has_nvidia_card || return 0
  say "found an NVIDIA card, but libtorch-dev is CPU-only. To use the card, get the CUDA variant of $zip"
  say "and the CUDA toolkit of the same version, then run the scripts with UNET_TORCH=/path/to/libtorch"
  [[ -z $(available_version libtorch-cuda-dev) ]] ||
    say "or: apt-get install libtorch-cuda-dev nvidia-cuda-toolkit, and run the scripts again"
}

install_packages() {
  local missing=() package
  for package in "${packages[@]}" "${oracle_packages[@]}"; do
    is_installed "$package" || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  may_be_root || die "installing packages needs root or sudo. Ask an administrator to run:" \
    "apt-get install --no-install-recommends ${missing[*]}"
  as_root apt-get update -qq
  local wanted=() unknown=() version
  for package in "${missing[@]}"; do
    version=$(available_version "$package")
    if [[ " ${oracle_packages[*]} " != *" $package "* ]]; then
      wanted+=("$package")
      [[ -n $version || $package == "$torch_package" ]] || unknown+=("$package")
    elif [[ -z $version ]] || { [[ $package == python3-torch || $package == python3-torch-cuda ]] && ! is_new_enough "$version"; }; then
      say "this distribution has $package ${version:-none}; tests that need it will be skipped"
    else
      wanted+=("$package")
    fi
  done
  [[ ${#unknown[@]} -eq 0 ]] || die "apt does not know ${unknown[*]}. On Ubuntu they are in the component universe:" \
    "run sudo add-apt-repository universe, then this script again"
  [[ -n ${UNET_TORCH:-} ]] || check_torch_version
  [[ ${#wanted[@]} -gt 0 ]] || return 0
  say "installing ${#wanted[@]} packages and their dependencies: ${wanted[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" >&2
}

# LibTorch calls sgemm of libblas.so.3. OpenBLAS with OpenMP shares LibTorch's threads; the reference BLAS is several
# times slower. Keeps an alternative that was selected by hand.
select_openblas() {
  local library name active fast
  for library in libblas.so.3 liblapack.so.3; do
    name=$(update-alternatives --get-selections | awk -v library="$library" 'index($1, library "-") == 1 { print $1 }')
    [[ -n $name ]] || continue
    active=$(update-alternatives --query "$name" | sed -n 's/^Value: //p')
    [[ $active != *openblas-openmp* ]] || continue
    fast=$(update-alternatives --list "$name" | grep openblas-openmp || true)
    if [[ -z $fast ]] || update-alternatives --query "$name" | grep -q '^Status: manual' || ! may_be_root; then
      say "$library is $active. Training is fastest with openblas-openmp; to select it:" \
        "sudo update-alternatives --config $name"
    else
      as_root update-alternatives --set "$name" "$fast" >/dev/null
      say "$library is now $fast"
    fi
  done
}

# Debian's LibTorch for CUDA (contrib, Debian 13 and newer) conflicts with libtorch-dev. If it is installed, keep it.
suffix=""
if command -v dpkg-query >/dev/null && is_installed libtorch-cuda-dev; then
  torch_package=libtorch-cuda-dev suffix=-cuda
fi

case "${1:-}" in
  "") ;;
  --tests)
    packages+=(libgtest-dev)
    oracle_packages+=("python3-torch$suffix" python3-torchvision python3-numpy libopencv-dnn-dev)
    oracle_packages+=(nodejs curl)  # for ONNX Runtime
    ;;
  *) die "unknown argument $1; expected --tests or nothing" ;;
esac

if [[ -n ${UNET_TORCH:-} ]]; then
  [[ -e $UNET_TORCH/share/cmake/Torch/TorchConfig.cmake ]] ||
    die "UNET_TORCH=$UNET_TORCH: no share/cmake/Torch/TorchConfig.cmake; expected the folder of an unpacked LibTorch"
else
  packages+=("$torch_package" libopenblas0-openmp)
fi

if ! command -v dpkg-query >/dev/null; then
  say "this system has no dpkg. Install the equivalents of these Debian packages: ${packages[*]}"
  exit 0
fi
install_packages
if [[ -z ${UNET_TORCH:-} ]]; then
  check_torch_version
  select_openblas
  advise_on_nvidia
fi
