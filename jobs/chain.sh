#!/usr/bin/env bash
# Submits a training run as a chain of N jobs, each of which continues where the one before stopped:
# for sites that forbid jobs to requeue themselves. A job starts when the one before has ended, also
# when that was by a failing node or by a signal before the log began. When the training is
# finished, or fails for a reason that would not go away (exit codes 2 to 5), the jobs that still
# wait are cancelled.
#
#   jobs/chain.sh N DECK [-key value ...] [-- OPTIONS OF sbatch]
#
#   jobs/chain.sh 5 my.yaml -- --nodes=8 --time=12:00:00
set -euo pipefail

die() {
    echo "chain.sh: $*" >&2
    exit 2
}

if [ $# -eq 0 ] || [ "$1" = -h ] || [ "$1" = --help ]; then
    sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
    exit 0
fi
jobs=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
length=$1
[[ $length =~ ^[1-9][0-9]{0,5}$ ]] || die "'$length' is no number of jobs: chain.sh N DECK ..."
deck=${2-}
[ -n "$deck" ] || die "name a deck: chain.sh $length DECK [-key value ...] [-- OPTIONS OF sbatch]"
[ -f "$deck" ] || die "there is no deck '$deck'."
shift 2
arguments=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    arguments+=("$1")
    shift
done
[ $# -eq 0 ] || shift # the --

command -v sbatch >/dev/null || die "there is no sbatch on the PATH: this is no machine with Slurm."
[ -f "$jobs/common.sh" ] || die "there is no common.sh beside this script, in $jobs: copy it, too."
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$jobs/common.sh"
read_site
name=$(basename -- "$deck" .yaml)
# Only what Slurm takes for nothing else in lists and patterns; and two chains have two names.
name=${name//[^A-Za-z0-9._-]/_}.chain.$(date +%m%d%H%M%S).$$
export ADMMNET_CHAIN=$name # by this name the jobs cancel those behind them
previous=
for ((i = 1; i <= length; i++)); do
    id=$(sbatch --parsable --job-name="$name" --no-requeue \
        ${previous:+"--dependency=afterany:$previous"} "$@" "$jobs/train.sbatch" "$deck" \
        "${arguments[@]}") || die "sbatch refused job $i of $length (its message is above)."
    previous=${id%%;*} # with the cluster's name behind it where there are several
    echo "chain.sh: job $previous, $i of $length"
done
echo "chain.sh: to cancel them all: scancel --name=$name"
