#!/usr/bin/env bash
# Installs the Debian packages that admmnet needs and that are missing. Says first which ones; does
# nothing, and needs neither network nor root, when all are there. Removes no package.
#
#   modules/setup-debian.sh [--dry-run] [build] [python] [test]
#
#     build       to compile and train (what is installed when no part is named)
#     python      for jobs/collect, report, export and plot.py
#     test        what tests/run.sh needs besides, Slurm included
#     --dry-run   say what is missing and change nothing
set -euo pipefail

build=(
    g++ cmake make pkg-config git
    libopenmpi-dev openmpi-bin
    libpetsc-real-dev libslepc-real-dev libscalapack-openmpi-dev libopenblas-dev
    libhdf5-openmpi-dev zlib1g-dev libyaml-cpp-dev nlohmann-json3-dev librandom123-dev
    dataset-fashion-mnist # what jobs/quickstart.sh trains on
)
python=(python3 python3-h5py python3-numpy python3-matplotlib)
# a|b: the first is installed when neither is there. Debian's two module systems exclude each other.
test=(
    catch2 hdf5-tools
    slurm-wlm munge util-linux procps 'environment-modules|lmod'
    "${python[@]}"
    shellcheck clang-format
    chromium # jobs/report's page is looked at in a browser
)

die() {
    echo "setup-debian.sh: $*" >&2
    exit 1
}

dry_run=false
wanted=()
for argument in "$@"; do
    case $argument in
        build) wanted+=("${build[@]}") ;;
        python) wanted+=("${python[@]}") ;;
        test) wanted+=("${test[@]}") ;;
        --dry-run) dry_run=true ;;
        -h | --help)
            sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
            exit 0
            ;;
        *) die "unknown part '$argument': name build, python or test." ;;
    esac
done
[ ${#wanted[@]} -gt 0 ] || wanted=("${build[@]}")

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    die "this is not a Debian system (no apt-get). Provide a C++17 compiler, CMake 3.24," \
        "pkg-config, MPI, PETSc (with ScaLAPACK), SLEPc, parallel HDF5, BLAS/LAPACK, zlib," \
        "yaml-cpp, nlohmann-json and Random123 by the site's modules or by Spack, and call the" \
        "other scripts with --no-setup."
fi

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=()
for entry in "${wanted[@]}"; do
    IFS='|' read -ra choices <<<"$entry"
    for package in "${choices[@]}"; do
        ! installed "$package" || continue 2
    done
    missing+=("${choices[0]}")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "setup-debian.sh: all ${#wanted[@]} packages are there."
    exit 0
fi
echo "setup-debian.sh: to be installed, with what they depend on: ${missing[*]}"
! $dry_run || exit 0

as_root=(env DEBIAN_FRONTEND=noninteractive)
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
        die "installing needs root and there is no sudo. As root: apt-get install ${missing[*]}"
    as_root=(sudo "${as_root[@]}")
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { # WHAT IT MEANS WHEN IT FAILS, apt-get's arguments
    local meaning=$1
    shift
    local options=(-y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
    if ! "${as_root[@]}" apt-get "${options[@]}" "$@" >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        die "$meaning (apt-get's last lines are above)."
    fi
}
apt "the package lists could not be fetched: is there a network or a proxy to set?" update
apt "the packages could not be installed; the names are those of Debian 12, others may differ" \
    install --no-install-recommends --no-remove "${missing[@]}"
echo "setup-debian.sh: installed."
