#!/usr/bin/env bash
# From a fresh Debian machine to a trained network: installs what is missing, builds admmnet, trains
# input/fashion_mnist.yaml on this machine's cores, and prints the test accuracy and where the files
# are. Called again, it prints the result of the finished run.
#
#   jobs/quickstart.sh [--again] [--no-setup] [-n RANKS] [-- OPTIONS OF admmnet]
#
#     --again      train anew in the place of the finished run
#     --no-setup   install nothing: compiler and libraries are in the environment (modules, Spack)
#     -n RANKS     MPI ranks (default: one a core)
#     -- ...       keys that override the deck, e.g. -- -net_hidden 500 -data_dir my/fashion-mnist
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
name=fashion_mnist
outdir=$root/runs/quickstart
summary=$outdir/$name.summary.json
build=$root/build/release

die() {
    echo "quickstart.sh: $*" >&2
    exit 1
}
step() { echo "== $*"; }

# One rank a core: two hyper-threads share the floating-point units that the products need.
usable_cores() {
    local allowed cores
    allowed=$(nproc)
    cores=$(lscpu -p=CORE,SOCKET 2>/dev/null | grep -v '^#' | sort -u | wc -l) || cores=0
    echo $((cores > 0 && cores < allowed ? cores : allowed))
}

field() { # KEY of the summary; empty when it is not there
    sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$summary" | head -n 1
}

print_result() {
    awk -v accuracy="$(field test_accuracy)" -v seconds="$(field seconds_total)" \
        -v ranks="$(field ranks)" 'BEGIN {
            if (accuracy ~ /^[0-9.]/) {
                printf "\nTest accuracy  %.2f %%", 100 * accuracy
                print "  (on images that took no part in the training)"
            } else {
                print "\nTest accuracy  unknown (there are no test samples)"
            }
            printf "Time           %.0f s on %d rank%s\n", seconds, ranks, (ranks == 1 ? "" : "s")
        }'
    echo "Files          $outdir"
    local file what
    for file in "$outdir/$name".*; do
        case $file in
            *.log) what="what was run, the iterations, where the time went" ;;
            *.used.yaml) what="every value used; a deck that repeats the run" ;;
            *.metrics.csv) what="one row an iteration" ;;
            *.summary.json) what="the result, for programs" ;;
            *.h5) what="the trained network (HDF5)" ;;
            *) continue ;;
        esac
        printf '  %-32s %s\n' "${file##*/}" "$what"
    done
}

again=false
setup=true
ranks=
while [ $# -gt 0 ]; do
    case $1 in
        --again) again=true ;;
        --no-setup) setup=false ;;
        -n)
            ranks=${2-}
            [[ $ranks =~ ^[1-9][0-9]*$ ]] || die "-n needs a number of ranks, got '$ranks'."
            shift
            ;;
        -h | --help)
            sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
            exit 0
            ;;
        --)
            shift
            break
            ;;
        *) die "unknown argument '$1'; see --help." ;;
    esac
    shift
done

finished() { # a summary is there, and not that of a run stopped by a signal or a time limit
    [ -s "$summary" ] && case $(field stop_reason) in *signal* | *wall*) false ;; esac
}

fresh=()
if $again; then
    fresh=(-run_restart none -run_overwrite true)
elif finished; then
    [ $# -eq 0 ] || die "a finished run is in $outdir: --again trains anew, with these options."
    print_result
    echo "This run had finished before. To train anew: jobs/quickstart.sh --again"
    exit 0
fi

cd "$root"
if $setup; then
    step "packages"
    modules/setup-debian.sh build || die "packages that admmnet needs are not there (reason above)."
fi

step "build ($build)"
# Tests need more packages: a first configuration leaves them out, one that has them keeps them.
configure=(cmake --preset release)
[ -f "$build/CMakeCache.txt" ] || configure+=(-DADMMNET_BUILD_TESTS=OFF)
"${configure[@]}" || die "cmake could not configure the build (its message is above)."
cmake --build "$build" --target admmnet --parallel "$(nproc)" ||
    die "the program could not be compiled (the compiler's messages are above)."

: "${ranks:=$(usable_cores)}"
step "training on $ranks rank(s): input/$name.yaml"
command -v mpirun >/dev/null || die "there is no mpirun on the PATH: install or load an MPI."
launcher=(mpirun -n "$ranks")
case $(mpirun --version 2>&1) in
    *"Open MPI"* | *OpenRTE*)
        launcher+=(--oversubscribe --bind-to none)
        if [ "$(id -u)" -eq 0 ]; then
            export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
        fi
        ;;
esac
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
export GLIBC_TUNABLES=${GLIBC_TUNABLES:+$GLIBC_TUNABLES:}glibc.malloc.hugetlb=1 # arrays in huge pages
rm -f "$summary" # what is there when the training ends is the result of this run
mkdir -p "$outdir" || die "cannot make the folder $outdir."
status=0
"${launcher[@]}" "$build/admmnet" train -options_file "input/$name.yaml" \
    -run_name "$name" -run_outdir "$outdir" "${fresh[@]}" "$@" || status=$?
case $status in
    0) ;;
    10)
        echo "quickstart.sh: stopped before the end; the same command continues." >&2
        exit 10
        ;;
    130 | 138 | 140 | 143) # 128 and SIGINT, SIGUSR1, SIGUSR2, SIGTERM, not heeded
        echo "quickstart.sh: ended by signal $((status - 128)); the same command continues." >&2
        exit "$status"
        ;;
    *)
        echo "quickstart.sh: training failed with exit code $status (the message is above)." >&2
        exit "$status"
        ;;
esac
[ -s "$summary" ] || die "the training ended without writing $summary."
print_result
