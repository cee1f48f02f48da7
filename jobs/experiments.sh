#!/usr/bin/env bash
# The experiments of the papers, reproduced: runs, tables beside the published figures, curves.
#
#   jobs/experiments.sh [NAME...] [options] [-- OPTIONS OF sbatch]      without NAME: all of them
#
#   spark    784-256-256-10 on MNIST by Taylor's sweep as printed, beside the defaults
#   hkust    0 against 1 by ADMM and by gradient descent
#   hybrid   ADMM first, Adam after, and the reverse
#   wide     accuracy and seconds against the width, 256 to 16384
#   thesis   ADMM, GD and SGD; penalties, warm-up, initialisation; 1 to 8 ranks
#   taylor   seconds to 95 % and 64 % on SVHN and Higgs (the data are yours to bring)
#   wang     dlADMM, pdADMM, mDLAM beside gradient methods; graphs; speed-up
#
#     --quick        small pieces of the data: minutes in the place of hours
#     -o FOLDER      takes runs, tables and figures
#                    (default: runs/experiments, with --quick runs/experiments/quick)
#     --data FOLDER  holds mnist, fashion-mnist, cora, higgs, svhn             (default: data)
#     --ranks N      MPI ranks of a run                                        (default: 1)
#     --sbatch       submit the runs as jobs of Slurm; then, when they have ended:
#     --collect      only tables and figures, of the runs that are there
#     --list         only say which runs there are, with all their keys
#
# A run that has a result is not made again, one that was stopped goes on. What came out is in
# jobs/experiments/README.md. Exit code 0: all runs have a result; 1: some have none; 2: bad input;
# 10: stopped, the same command continues.
set -euo pipefail

die() {
    echo "experiments.sh: $*" >&2
    exit 2
}

case ${1-} in
    -h | --help)
        sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
        exit 0
        ;;
esac
jobs=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
[ -f "$jobs/site.sh" ] || die "there is no site.sh beside this script, in $jobs: copy it, too."
# shellcheck source-path=SCRIPTDIR source=site.sh
. "$jobs/site.sh"
: "${ADMMNET:=$(command -v admmnet || echo "${jobs%/*}/build/release/admmnet")}"
export ADMMNET
command -v python3 >/dev/null || die "there is no python3 on the PATH."
exec python3 "$jobs/experiments/main.py" "$@"
