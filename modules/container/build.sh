#!/usr/bin/env bash
# What both recipes of a container do inside of it, with the source tree around this script: install
# Debian's packages, build, install.
#
#   modules/container/build.sh [PREFIX]      PREFIX: /usr/local
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
prefix=${1:-/usr/local}
modules/setup-debian.sh build python
cmake --preset release -DADMMNET_BUILD_TESTS=OFF
cmake --build --preset release --parallel "$(nproc)"
cmake --install build/release --prefix "$prefix"
rm -rf build
