#!/usr/bin/env bash
# Passes the tests on a fresh Debian machine: installs what is missing, builds, runs every test, the
# Slurm ones included. The exit code is ctest's.
#
#   tests/run.sh [--no-slurm] [-L LABELS] [-R NAMES] [--preset release|debug|asan] [--no-setup]
#
#     --no-slurm   leave out the tests that start a private Slurm cluster
#     -L LABELS    only tests with a label that matches: a room's name, structure, np4, ...
#     -R NAMES     only tests whose name matches, e.g. -R process_grid
#     --no-setup   install nothing: take compiler and libraries from the environment
#
# ADMMNET_MNIST_DIR names the folder of the four MNIST files (IDX, gzipped or not); tests that need
# them are reported as skipped without it.
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

die() {
    echo "run.sh: $*" >&2
    exit 2
}

preset=release
setup=true
selection=()
while [ $# -gt 0 ]; do
    case $1 in
        --no-slurm) selection+=(-LE '^slurm$') ;;
        --no-setup) setup=false ;;
        -L | -R)
            [ $# -ge 2 ] || die "$1 needs a regular expression."
            selection+=("$1" "$2")
            shift
            ;;
        --preset)
            preset=${2-}
            case $preset in
                release | debug | asan) ;;
                *) die "unknown preset '$preset': release, debug or asan." ;;
            esac
            shift
            ;;
        -h | --help)
            sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
            exit 0
            ;;
        *) die "unknown argument '$1'; see --help." ;;
    esac
    shift
done

if [ -z "${ADMMNET_MNIST_DIR-}" ]; then
    echo "run.sh: ADMMNET_MNIST_DIR is not set: tests on MNIST will be SKIPPED."
elif [ -d "$ADMMNET_MNIST_DIR" ]; then
    # Tests run in folders of their own: make it absolute.
    ADMMNET_MNIST_DIR=$(CDPATH='' cd -- "$ADMMNET_MNIST_DIR" && pwd)
    export ADMMNET_MNIST_DIR
else
    die "ADMMNET_MNIST_DIR names no folder: '$ADMMNET_MNIST_DIR'."
fi
# Leaks inside MPI and PETSc are not ours to mend; whatever else the sanitizers find fails a test.
if [ "$preset" = asan ]; then
    export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}
fi

cd "$root"
if $setup; then
    modules/setup-debian.sh build test ||
        die "packages that the tests need are not there (reason above)."
fi
cores=$(nproc)
cmake --preset "$preset" -DADMMNET_BUILD_TESTS=ON ||
    die "cmake could not configure the build (its message is above)."
cmake --build --preset "$preset" --parallel "$cores" ||
    die "the build failed (the compiler's messages are above)."
# An MPI test of more ranks than cores is given the machine to itself (its PROCESSORS property).
exec ctest --preset "$preset" --no-tests=error --parallel "$cores" "${selection[@]}"
