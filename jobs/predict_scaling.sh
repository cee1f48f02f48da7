#!/usr/bin/env bash
# Predicts strong and weak scaling of three networks up to 10 000 ranks with `admmnet plan`: nothing
# is trained and no data is needed. Tables and figures go into a folder.
#
#   jobs/predict_scaling.sh [FOLDER]       default: prediction, beside this script
#
#   higgs   28-300-1, 10.5 million samples (two classes, hinge loss)
#   mnist   784-1000-1000-10, 60 000 samples
#   wide    784-50000-50000-10, one million samples
#
# Strong scaling: the problem stays as it is. Weak scaling: higgs 10 500 and mnist 3 750 samples a
# rank; wide hidden layers of 5 000 units on 16 ranks, then as the square root of the ranks, for one
# million samples. Each in full batch, and with blocks: as many as -admm_blocks auto gives in strong
# scaling and for wide, else 24.
#
# The machine is one rank a core of a current server, set below; edit, or set in the environment.
set -euo pipefail

machine=(
    -plan_gflops "${ADMMNET_GFLOPS:-35}"        # GF/s of a rank in large products
    -plan_latency "${ADMMNET_LATENCY:-2e-6}"    # s a message
    -plan_bandwidth "${ADMMNET_BANDWIDTH:-1}"   # GB/s of a rank, while all ranks send
    -plan_memory "${ADMMNET_MEMORY:-4}"         # GB of a rank
)
ranks=1,2,4,8,16,32,64,128,256,512,1024,2048,4096,7200,10000

die() {
    echo "predict_scaling.sh: $*" >&2
    exit 2
}

jobs=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
case ${1-} in
    -h | --help)
        sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
        exit 0
        ;;
esac
folder=${1-$jobs/prediction}
[ -f "$jobs/site.sh" ] || die "there is no site.sh beside this script, in $jobs: copy it, too."
! grep -q $'\r' "$jobs/site.sh" ||
    die "$jobs/site.sh has line ends of Windows: sed -i 's/\r\$//' FILE mends it."
# shellcheck source-path=SCRIPTDIR source=site.sh
. "$jobs/site.sh"
: "${ADMMNET:=$(command -v admmnet || echo "${jobs%/*}/build/release/admmnet")}"
if [ ! -f "$ADMMNET" ] || [ ! -x "$ADMMNET" ]; then
    die "there is no program $ADMMNET: build it, load its module, or set ADMMNET (site.sh)."
fi

higgs=(-plan_features 28 -plan_classes 2 -net_hidden 300 -net_loss hinge)
mnist=(-plan_features 784 -plan_classes 10 -net_hidden "1000,1000")
wide=(-plan_features 784 -plan_classes 10)

predict() { # NAME, then keys of admmnet plan
    local name=$1
    shift
    {
        echo "== $name =="
        "$ADMMNET" plan -data_validation 0 "${machine[@]}" -plan_csv "$folder/$name.csv" "$@" |
            sed '1,/^note: /d'
    } >>"$folder/tables.txt" ||
        die "$ADMMNET plan failed, or $folder/tables.txt cannot be written (the reason is above)."
}

mkdir -p "$folder" || die "cannot make the folder $folder (the reason is above)."
rm -f "$folder/tables.txt" || die "cannot replace $folder/tables.txt (the reason is above)."
strong=(-plan_scaling "$ranks")
weak=(-plan_scaling "$ranks" -plan_growth samples)
widen=(-plan_scaling "16,${ranks#*,16,}" -plan_growth widths)
for sweep in full blocks; do
    auto=(-admm_sweep "$sweep")
    blocks=("${auto[@]}")
    [ $sweep = full ] || blocks+=(-admm_blocks 24)
    predict higgs.strong.$sweep "${higgs[@]}" -plan_samples 10500000 "${auto[@]}" "${strong[@]}"
    predict higgs.weak.$sweep "${higgs[@]}" -plan_samples 10500 "${blocks[@]}" "${weak[@]}"
    predict mnist.strong.$sweep "${mnist[@]}" -plan_samples 60000 "${auto[@]}" "${strong[@]}"
    predict mnist.weak.$sweep "${mnist[@]}" -plan_samples 3750 "${blocks[@]}" "${weak[@]}"
    predict wide.strong.$sweep "${wide[@]}" -net_hidden 50000,50000 -plan_samples 1000000 \
        "${auto[@]}" "${strong[@]}"
    predict wide.weak.$sweep "${wide[@]}" -net_hidden 5000,5000 -plan_samples 1000000 \
        "${auto[@]}" "${widen[@]}"
done
cat "$folder/tables.txt"
"$jobs/plot_prediction.py" "$folder" "a rank: ${machine[1]} GF/s, ${machine[3]} s a message, \
${machine[5]} GB/s, ${machine[7]} GB"
