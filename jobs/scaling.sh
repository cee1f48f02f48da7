#!/usr/bin/env bash
# A scaling study: the same training on more and more ranks, each several times.
#
#   jobs/scaling.sh strong DECK FOLDER [options] [-- -key value ...]    the problem stays as it is
#   jobs/scaling.sh weak   DECK FOLDER [options] [-- -key value ...]    it grows with the ranks P
#
#     --ranks "1 2 4"      numbers of ranks; the first one is the baseline    (default: 1 2 4)
#     --repeats N          runs of each number of ranks                       (default: 3)
#     --iterations N       iterations of a run; the first is not counted      (default: 4)
#     --samples N          weak, constant flops a rank: N training samples a rank; widths as in the
#                          deck, so that a rank's share of all products stays the same
#     --hidden W1,W2       weak, constant memory a rank: these widths on the baseline, growing as
#                          the square root of P; samples as in the deck, so that a rank's share of
#                          the weights and of the Gram matrices stays the same
#     --all-ranks          use all ranks also where plan predicts that fewer are faster, by telling
#                          it that communication costs nothing (which may change the grid, too)
#     --threads N          threads, and cores, of a rank                      (default: 1)
#     --local              run here with mpirun, one run after the other, then call collect
#     --ranks-per-node N   Slurm: as many ranks on a node (the baseline may have fewer)
#     --serial             Slurm: one run at a time, in the order of submission
#     --sbatch "OPTIONS"   Slurm: more options for sbatch, e.g. "--time=0:30:00 --exclusive"
#
# Each run is one call of train.sbatch, by sbatch or by hand. Keys behind -- hold for all runs.
# When the jobs have ended: jobs/collect scaling FOLDER
set -euo pipefail

die() {
    echo "scaling.sh: $*" >&2
    exit 2
}
usage() {
    sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
    exit 0
}

jobs=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
case ${1-} in
    strong | weak) kind=$1 ;;
    '' | -h | --help) usage ;;
    *) die "unknown study '$1': strong or weak." ;;
esac
deck=${2-}
folder=${3-}
[ -n "$deck" ] || die "name a deck: scaling.sh $kind DECK FOLDER ..."
[ -f "$deck" ] || die "there is no deck '$deck'."
case $folder in '' | -*) die "name a folder for the results." ;; esac
shift 3

ranks="1 2 4" repeats=3 iterations=4 samples='' hidden='' threads=1 ranks_per_node='' sbatch=''
local=false serial=false all_ranks=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    case $1 in
        --local) local=true ;;
        --serial) serial=true ;;
        --all-ranks) all_ranks=(-plan_latency 0 -plan_bandwidth 1e9 -plan_gflops 1e-3) ;;
        --ranks | --repeats | --iterations | --samples | --hidden | --threads | --ranks-per-node | \
            --sbatch)
            [ $# -ge 2 ] || die "$1 needs a value."
            variable=${1#--}
            printf -v "${variable//-/_}" %s "$2"
            shift
            ;;
        *) die "unknown option '$1'; see --help." ;;
    esac
    shift
done
[ $# -eq 0 ] || shift # the --

read -ra rank_counts <<<"$ranks"
read -ra sbatch_options <<<"$sbatch"
! $serial || sbatch_options+=(--dependency=singleton)
[ ${#rank_counts[@]} -gt 0 ] || die "--ranks names no number of ranks."
for number in "${rank_counts[@]}" "$repeats" "$iterations" "$threads" ${samples:+"$samples"} \
    ${ranks_per_node:+"$ranks_per_node"}; do
    [[ $number =~ ^[1-9][0-9]{0,8}$ ]] || die "'$number' is no whole number above 0."
done
for ((i = 1; i < ${#rank_counts[@]}; i++)); do
    ((rank_counts[i] > rank_counts[i - 1])) || die "--ranks must grow: '$ranks'."
done
[ -z "$hidden" ] || [[ $hidden =~ ^[1-9][0-9]*(,[1-9][0-9]*)*$ ]] ||
    die "--hidden is a list of widths such as 1000 or 500,250, not '$hidden'."
if ! $local; then
    [ -n "$ranks_per_node" ] || die "say --ranks-per-node N, or --local to run here."
    command -v sbatch >/dev/null || die "there is no sbatch on the PATH: say --local to run here."
    for count in "${rank_counts[@]}"; do
        ((count < ranks_per_node || count % ranks_per_node == 0)) ||
            die "$count ranks do not fill nodes of $ranks_per_node."
    done
fi

rule=
case $kind,${samples:+samples},${hidden:+hidden} in
    strong,,) rule="fixed problem" ;;
    weak,samples,) rule="constant flops a rank: $samples samples a rank" ;;
    weak,,hidden)
        rule="constant memory a rank: widths $hidden on ${rank_counts[0]} rank(s)"
        rule+=", then as the square root of the ranks"
        ;;
    strong,*) die "--samples and --hidden are rules of a weak study." ;;
    *) die "a weak study needs a rule: either --samples N or --hidden W1,W2." ;;
esac

# The options that make the problem as large as the rule says for so many ranks.
growth() { # RANKS
    if [ -n "$samples" ]; then
        echo "-data_train_limit $((samples * $1))"
    elif [ -n "$hidden" ]; then
        echo "-net_hidden $(awk -v widths="$hidden" -v factor="$1/${rank_counts[0]}" 'BEGIN {
            split(factor, f, "/"); count = split(widths, w, ",")
            for (i = 1; i <= count; i++)
                printf "%s%d", (i > 1 ? "," : ""), w[i] * sqrt(f[1] / f[2]) + 0.5 }')"
    fi
}

submit() { # RANKS, NAME, ARGUMENTS OF train.sbatch
    local count=$1 name=$2 each
    shift 2
    each=$((count < ranks_per_node ? count : ranks_per_node))
    # A run that does not get to its end is worth nothing: no signal before the limit.
    ADMMNET_MAX_RESTARTS=0 sbatch --job-name="scaling-$study" --no-requeue --signal=B:USR2@0 \
        --nodes=$((count / each)) --ntasks-per-node="$each" --cpus-per-task="$threads" \
        --output="${folder//%/%%}/$name.out" "${sbatch_options[@]}" "$jobs/train.sbatch" "$@"
}

run_here() { # RANKS, NAME, ARGUMENTS OF train.sbatch
    local count=$1 name=$2
    shift 2
    echo "scaling.sh: $name"
    ADMMNET_RANKS=$count ADMMNET_THREADS=$threads "$jobs/train.sbatch" "$@" \
        >"$folder/$name.out" 2>&1 && return 0
    local status=$?
    echo "scaling.sh: $name failed with exit code $status; the end of $folder/$name.out:" >&2
    tail -n 20 "$folder/$name.out" >&2
    exit "$status"
}

[ -f "$jobs/common.sh" ] || die "there is no common.sh beside this script, in $jobs: copy it, too."
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$jobs/common.sh"
read_site
mkdir -p "$folder" || die "cannot make the folder $folder (the reason is above)."
study=$(basename -- "$folder")
settings=$(printf '%s\n' "kind: $kind" "rule: $rule" "deck: $deck" "ranks: ${rank_counts[*]}" \
    "repeats: $repeats" "iterations: $iterations" "threads: $threads" "keys: ${all_ranks[*]} $*")
[ ! -f "$folder/study.txt" ] || [ "$settings" = "$(cat "$folder/study.txt")" ] ||
    die "$folder holds a study with other settings: name another folder."
start=submit
! $local || start=run_here
for ((repeat = 1; repeat <= repeats; repeat++)); do
    for count in "${rank_counts[@]}"; do
        name=r$count.$repeat
        size=$(growth "$count") || die "the problem for $count ranks cannot be sized."
        read -ra size_options <<<"$size"
        rm -f "$folder/$name.summary.json" "$folder/$name.out"
        $start "$count" "$name" "$deck" -data_validation 0 -train_iterations "$iterations" \
            -train_tolerance 0 -train_patience 0 -ckpt_every_iterations 0 -ckpt_every_minutes 0 \
            -ckpt_keep 1 -run_count_communication true -run_restart none -run_overwrite true \
            -run_outdir "$folder" -run_name "$name" "${size_options[@]}" \
            "${all_ranks[@]}" "$@"
        echo "$settings" >"$folder/study.txt"
    done
done
if $local; then
    command -v python3 >/dev/null ||
        die "there is no python3 on the PATH for: $jobs/collect scaling $folder"
    "$jobs/collect" scaling "$folder"
else
    echo "scaling.sh: when the jobs have ended: $jobs/collect scaling $folder"
fi
