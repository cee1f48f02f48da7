#!/usr/bin/env bash
# Looks for good values of keys: settings are drawn from a space (or all of its grid are taken), all
# of them are trained for a few passes, the better half by validation result goes on from its
# checkpoints for twice as many, and so on, until the one that is left is trained to its end.
#
#   jobs/tune.sh DECK SPACE -n 32 [OPTION ...] [-- OPTIONS OF sbatch]
#   jobs/tune.sh DECK SPACE --grid [OPTION ...] [-- OPTIONS OF sbatch]
#
#   SPACE         a text file with a key and its values a line:
#                     admm_step   10 30 100          net_hidden  256 512 256,256
#                     admm_beta   log 0.01 10        init_seed   int 0 5
#   -n N          so many settings, drawn at random;  --seed S: others (default 0)
#   --grid        all combinations of values
#   --passes P    of a run to its end (default: as the deck says)
#   --first K     passes of the first rung (default: 1; with --passes, so many that the last halving
#                 is at half of them)
#   --pack N      N runs side by side in each job, which share its ranks (default 1)
#   --at-once M   so many jobs at a time, at most
#   --local       here, with ADMMNET_RANKS ranks a run (default 1), N runs at a time; so, too, where
#                 there is no sbatch
#   -o FOLDER     where all of it goes (default runs/SPACE)
#
# Under Slurm each rung is an array job, and a small job behind it (which needs Python 3) starts the
# next one. The same command continues a search after whatever has ended it, says that it is under
# way, or shows what came out: tune.txt, tune.csv, figures, and best.yaml, the deck of the best.
set -euo pipefail

say() { echo "tune.sh: $*"; }
die() {
    echo "tune.sh: $*" >&2
    exit 2
}

jobs=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

# The number of the job. What this one has of Slurm's variables is not for those that it submits.
submit() { # OPTIONS OF sbatch AND WHAT TO RUN
    local name
    (
        for name in "${!SLURM_@}"; do
            [ "$name" = SLURM_CONF ] || unset "$name"
        done
        sbatch --parsable "$@"
    ) | cut -d ';' -f 1 # behind it the cluster's name, where there are several
}

# The numbers of the jobs of this name that wait or run, without this one.
queued() { # NAME
    local try found
    for try in 1 2 3 4 5; do
        if found=$(squeue --noheader --name="$1" --format=%F); then
            sort -u <<<"$found" | grep -vxF -e "${SLURM_JOB_ID-}" -e '' || true
            return
        fi
        ((try == 5)) || sleep 5
    done
    die "squeue does not answer (its message is above); the same command continues."
}

# What is to be done next: `call` holds the array and the arguments of sweep.sbatch, which begin with
# --pack N, or nothing.
find_next() { # [--anew]
    local answer
    answer=$(python3 "$jobs/tuning.py" next "$folder" "$@") || exit $?
    call=()
    [ -z "$answer" ] || mapfile -t call <<<"$answer"
}

search_here() {
    export ADMMNET_RANKS=${ADMMNET_RANKS:-1}
    find_next --anew
    while [ ${#call[@]} -gt 0 ]; do
        "$jobs/sweep.sbatch" "${call[@]:1}" >>"$folder/tune.out" 2>&1 || true # results say what failed
        find_next
    done
    exec "$jobs/collect" tune "$folder"
}

# Starts the runs that come next, and the job that goes on when they have ended. A job that was
# started again, or a user who calls once more, finds in the queue what is there already.
search_in_slurm() { # [--anew]
    local options runs next name quoted
    mapfile -t options <"$folder/sbatch.txt"
    quoted=${folder//%/%%} # in names of output Slurm replaces %
    name=$(cksum <<<"$(readlink -f -- "$folder")")
    name=tune.${name%% *}
    runs=$(queued "$name.runs")
    next=$(queued "$name.next")
    if [ -z "$runs" ] && [ -z "$next" ]; then
        find_next "$@"
        [ ${#call[@]} -gt 0 ] || exec "$jobs/collect" tune "$folder"
        runs=$(submit --job-name="$name.runs" --array="${call[0]}" --output="$quoted/%A_%a.out" \
            --ntasks-per-node="${call[2]}" "${options[@]}" "$jobs/sweep.sbatch" "${call[@]:1}") ||
            die "sbatch refused the runs (its message is above)."
    fi
    if [ -z "$next" ]; then
        next=$(submit "${options[@]}" --job-name="$name.next" --dependency="afterany:${runs//$'\n'/:}" \
            --nodes=1 --ntasks=1 --ntasks-per-node=1 --cpus-per-task=1 --time=15 --requeue \
            --output="$quoted/tune.out" --open-mode=append \
            --wrap="exec $(printf '%q ' "$jobs/tune.sh" --continue "$folder")") ||
            die "sbatch refused the job that goes on (its message is above)."
    fi
    say "under way: runs in job(s) ${runs//$'\n'/ }, then job ${next//$'\n'/ } goes on; see" \
        "$folder/tune.out. The same command continues; to end it: scancel --name=$name.runs,$name.next"
}

case ${1-} in
    '' | -h | --help)
        sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
        exit 0
        ;;
    --continue) # the small job
        folder=$2
        export ADMMNET_SWEEP=$folder
        search_in_slurm
        exit 0
        ;;
esac
[ -f "$jobs/common.sh" ] || die "there is no common.sh beside this script, in $jobs: copy it, too."
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$jobs/common.sh"
read_site
arguments=() here=false
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    if [ "$1" = --local ]; then here=true; else arguments+=("$1"); fi
    shift
done
[ $# -eq 0 ] || shift # the --
command -v python3 >/dev/null || die "there is no python3 on the PATH: load its module."
folder=$(python3 "$jobs/tuning.py" start "${arguments[@]}") || exit $?
export ADMMNET_SWEEP=$folder
if $here || ! command -v sbatch >/dev/null; then
    search_here
fi
{ [ $# -eq 0 ] || printf '%s\n' "$@"; } >"$folder/sbatch.txt"
search_in_slurm --anew
