#!/usr/bin/env bash
# What the scripts do on machines that are not this one: they run against stand-ins for apt-get,
# sudo, cmake, mpirun and the commands of Slurm, which record their calls.
#
#   scripts_test.sh [ROOT]
set -euo pipefail

root=$(CDPATH='' cd -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../..}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bin=$work/bin
calls=$work/calls
failures=0

program() { # NAME, BODY: a program of this name
    rm -f "$bin/$1" # it may be a link to the real one
    printf '#!%s\n%s\n' "$BASH" "$2" >"$bin/$1"
    chmod +x "$bin/$1"
}
stand_in() { # NAME, BODY: the same, and it notes its arguments
    program "$1" "echo \"$1 \$*\" >>'$calls'
${2-}"
}

tools=() # what the scripts may take for granted
for tool in awk basename bash cat date dirname env grep head id lscpu mkdir mktemp nproc readlink rm \
    sed sort stat tail timeout uname wc; do
    tools+=("$(command -v "$tool")")
done
machine() { # a PATH with the tools, and nothing else
    rm -rf "$bin"
    mkdir "$bin"
    ln -s "${tools[@]}" "$bin"
}

run() { # COMMAND...: its exit code in $status, what it says in $output, what it called in $called
    : >"$calls"
    status=0
    PATH=$bin "$BASH" "$@" >"$work/output" 2>&1 || status=$?
    output=$(<"$work/output")
    called=$(<"$calls")
}

expect() { # WHAT, TEST...
    local what=$1
    shift
    if "$@"; then
        echo "ok    $what"
    else
        echo "FAILS $what"
        printf 'exit code %s, said:\n%s\ncalled:\n%s\n' "$status" "$output" "$called" |
            sed 's/^/      /'
        failures=$((failures + 1))
    fi
}
# shellcheck disable=SC2317 # called by name, through expect
says() { [[ $output == *"$1"* ]]; }
# shellcheck disable=SC2317
calls_are() { [ "$called" = "$1" ]; }
# shellcheck disable=SC2317
was_called() { [[ $called == *"$1"* ]]; }
# shellcheck disable=SC2317
not_called() { [[ $called != *"$1"* ]]; }

# ---- modules/setup-debian.sh ----
setup=$root/modules/setup-debian.sh

debian() { # MISSING...: a Debian machine on which these packages are not installed
    machine
    # dpkg-query -W -f FORMAT PACKAGE
    program dpkg-query "case ' $* ' in *\" \$4 \"*) exit 1 ;; esac; printf installed"
    program id 'echo 0'
    stand_in apt-get
}

debian
run "$setup" build test
expect "setup: nothing missing, nothing done" [ "$status" -eq 0 ]
expect "setup: nothing missing, apt-get not called" calls_are ""

debian catch2 environment-modules
run "$setup" build
expect "setup: part build leaves the test packages alone" calls_are ""
run "$setup" build test
expect "setup: installs" [ "$status" -eq 0 ]
expect "setup: says first what it installs" says "to be installed, with what they depend on: catch2"
expect "setup: installs what is missing only" \
    was_called "install --no-install-recommends --no-remove catch2"
expect "setup: one module system is enough" not_called environment-modules
run "$setup" --dry-run test
expect "setup: --dry-run says and does nothing" calls_are ""
expect "setup: --dry-run names the package" says "catch2"

debian environment-modules lmod
run "$setup" test
expect "setup: a module system is installed when there is none" \
    was_called "--no-remove environment-modules"

debian catch2
stand_in apt-get 'echo "Temporary failure resolving"; exit 100'
run "$setup" test
expect "setup: without a network it fails" [ "$status" -eq 1 ]
expect "setup: ... with apt-get's words" says "Temporary failure resolving"
expect "setup: ... and one sentence" says "the package lists could not be fetched"

debian catch2
program id 'echo 1000'
run "$setup" test
expect "setup: no root, no sudo: fails" [ "$status" -eq 1 ]
expect "setup: no root, no sudo: the command to run" says "As root: apt-get install catch2"
stand_in sudo '"$@"'
run "$setup" test
expect "setup: not root: through sudo" was_called "sudo env DEBIAN_FRONTEND=noninteractive apt-get"

machine
run "$setup" build
expect "setup: not Debian: fails" [ "$status" -eq 1 ]
expect "setup: not Debian: says what is needed instead" says "Spack"
run "$setup" everything
expect "setup: unknown part" says "unknown part 'everything'"

# ---- modules/container ----
tree=$work/tree
machine
mkdir -p "$tree/modules/container"
cp "$root/modules/container/build.sh" "$tree/modules/container"
stand_in setup
mv "$bin/setup" "$tree/modules/setup-debian.sh"
stand_in cmake
program nproc 'echo 3'
run "$tree/modules/container/build.sh" /prefix
expect "container: packages, build and install" calls_are "setup build python
cmake --preset release -DADMMNET_BUILD_TESTS=OFF
cmake --build --preset release --parallel 3
cmake --install build/release --prefix /prefix"
stand_in cmake 'exit 1'
run "$tree/modules/container/build.sh"
expect "container: a build that fails" [ "$status" -eq 1 ]
for recipe in Dockerfile admmnet.def; do
    expect "container: $recipe calls the steps" \
        grep -qE '^(RUN|   ) */usr/src/admmnet/modules/container/build.sh' \
        "$root/modules/container/$recipe"
done

# ---- jobs/quickstart.sh ----
quickstart=$tree/jobs/quickstart.sh
summary=$tree/runs/quickstart/fashion_mnist.summary.json

fresh_tree() { # a copy of the script in a tree of its own, on a machine where everything works
    machine
    rm -rf "$tree"
    mkdir -p "$tree/jobs" "$tree/modules" "$tree/input"
    cp "$root/jobs/quickstart.sh" "$quickstart"
    stand_in setup
    mv "$bin/setup" "$tree/modules/setup-debian.sh"
    stand_in cmake
    trainer 0 '{"stop_reason": "budget", "test_accuracy": 0.8891, "seconds_total": 61, "ranks": 2}'
}
trainer() { # EXIT CODE, SUMMARY
    stand_in mpirun "[ \"\$1\" != --version ] || { echo 'mpirun (Open MPI) 4.1.4'; exit; }
[ -z '$2' ] || echo '$2' >$summary
exit $1"
}

fresh_tree
run "$quickstart" -n 3
expect "quickstart: first call" [ "$status" -eq 0 ]
expect "quickstart: installs the build part only" was_called "setup build"
expect "quickstart: leaves the tests out of the build" \
    was_called "cmake --preset release -DADMMNET_BUILD_TESTS=OFF"
expect "quickstart: builds the program only" was_called "--target admmnet"
expect "quickstart: trains the deck" \
    was_called "$tree/build/release/admmnet train -options_file input/fashion_mnist.yaml"
expect "quickstart: on the ranks asked for" was_called "mpirun -n 3 "
expect "quickstart: prints the accuracy" says "88.91 %"
expect "quickstart: prints where the files are" says "$tree/runs/quickstart"

run "$quickstart"
expect "quickstart: second call does nothing again" calls_are ""
expect "quickstart: ... prints the result" says "88.91 %"
expect "quickstart: ... and how to train anew" says "--again"
run "$quickstart" -- -net_hidden 5
expect "quickstart: other options need --again" [ "$status" -eq 1 ]
run "$quickstart" --again -- -net_hidden 5
expect "quickstart: --again trains anew" was_called "-run_overwrite true -net_hidden 5"
trainer 0 ''
run "$quickstart" --again
expect "quickstart: --again never shows the old result" [ "$status" -eq 1 ]

fresh_tree
mkdir -p "$tree/build/release"
: >"$tree/build/release/CMakeCache.txt"
run "$quickstart" --no-setup
expect "quickstart: keeps the tests of a build that has them" \
    not_called BUILD_TESTS
expect "quickstart: --no-setup installs nothing" not_called setup

fresh_tree
trainer 10 '{"stop_reason": "signal", "test_accuracy": 0.5}'
run "$quickstart"
expect "quickstart: passes on that the run was stopped" [ "$status" -eq 10 ]
run "$quickstart"
expect "quickstart: a stopped run is continued" was_called "admmnet train"
trainer 4 ''
run "$quickstart" --again
expect "quickstart: passes on the program's exit code" [ "$status" -eq 4 ]
trainer 143 ''
run "$quickstart" --again
expect "quickstart: a signal that is not heeded is no failure" says "ended by signal 15; the same"
trainer 0 '{"stop_reason": "budget", "test_accuracy": null, "seconds_total": 61, "ranks": 2}'
run "$quickstart" --again
expect "quickstart: no test samples" says "unknown (there are no test samples)"
stand_in cmake 'exit 1'
run "$quickstart" --again
expect "quickstart: says that the build failed" says "cmake could not configure"
run "$quickstart" --help
expect "quickstart: --help" says "--again"
run "$quickstart" --agian
expect "quickstart: unknown argument" says "unknown argument '--agian'"

# ---- what was told to Slurm: train.sbatch, sweep.sbatch, chain.sh, scaling.sh ----
site="$work/a site/my jobs" # blanks, as anywhere in the arguments
spool=$work/spool/job00007

cluster() { # a node on which Slurm has started a copy of the script; ranks end with $1 and say $2
    machine
    rm -rf "$site" "$spool"
    mkdir -p "$site" "$spool"
    cp "$root"/jobs/*.sh "$root"/jobs/*.sbatch "$site"
    : >"$work/my deck.yaml"
    program admmnet ''
    stand_in scontrol "[ \"\$1\" = show ] || exit 0
cat '$work/job'"
    stand_in squeue 'echo 1:00:00'
    stand_in scancel
    stand_in sbatch 'echo 7'
    ranks 0 ''
    told train.sbatch "$work/my deck.yaml"
}
ranks() { # EXIT CODE, WHAT THEY SAY
    stand_in srun "case \"\$*\" in
    *' -version') echo 'admmnet 1' ;;
    *' train '*) echo '$2'; exit $1 ;;
esac"
}
told() { # SCRIPT, ARGUMENTS, of the job that now runs
    printf '   JobState=RUNNING Reason=None\n   Command=%s\n   WorkDir=/\n' "$site/$*" >"$work/job"
    cp "$site/$1" "$spool/slurm_script"
}
job() { # ARGUMENTS of the script, as Slurm runs it
    SLURM_JOB_ID=7 SLURM_NTASKS=2 SLURM_JOB_NUM_NODES=1 SLURM_JOB_NODELIST=n1 \
        ADMMNET_LAUNCHER=srun SLURM_RESTART_COUNT=${restarts-0} run "$spool/slurm_script" "$@"
}

cluster
job "$work/my deck.yaml"
expect "train: finds its folder, with blanks" [ "$status" -eq 0 ]
expect "train: gives the deck as it is" was_called "train -options_file $work/my deck.yaml"
for arguments in "-run_name x.sbatch" "-run_outdir /a/train.sbatch/b.sbatch c" "x.sbatch.sbatch"; do
    told train.sbatch "$work/my deck.yaml" "$arguments"
    job "$work/my deck.yaml" "$arguments"
    expect "train: its folder, told with $arguments" [ "$status" -eq 0 ]
done
told train.sbatch "$work/my deck.yaml"
job "$work/my deck.yaml"
expect "train: a run that stalls ends" was_called "-run_stall_minutes 30"
expect "train: ... and nothing is preloaded" not_called LD_PRELOAD
echo 'run: {stall_minutes: 90}' >"$work/my deck.yaml"
job "$work/my deck.yaml"
expect "train: ... as the deck says" not_called run_stall_minutes
ADMMNET_STALL_MINUTES=long job "$work/my deck.yaml"
expect "train: ... a number" says "ADMMNET_STALL_MINUTES is a number of minutes, not 'long'"
job "$work/my deck.yaml" -run_count_communication true
expect "train: counted messages" was_called \
    "env LD_PRELOAD=$bin/libadmmnet_mpi_counter.so $bin/admmnet train"
mv "$site/site.sh" "$site/other.sh"
job "$work/my deck.yaml"
expect "train: no site.sh" says "there is no site.sh beside this script"
sed 's/$/\r/' "$site/other.sh" >"$site/site.sh"
job "$work/my deck.yaml"
expect "train: site.sh with CRLF" says "has line ends of Windows"
expect "train: ... exit code 2" [ "$status" -eq 2 ]

# A signal that the ranks do not heed is taken for a stop, until their log has begun.
cluster
for code in 138 140 143; do
    ranks "$code" 'srun: error: n1: task 0'
    job "$work/my deck.yaml"
    expect "train: $code before the log: exit code 10" [ "$status" -eq 10 ]
    expect "train: $code before the log: requeued" was_called "scontrol requeue 7"
done
expect "train: ... says why" says "a signal ended the ranks (exit code 143) before the log began"
restarts=50 job "$work/my deck.yaml"
expect "train: ... not for ever" not_called requeue
expect "train: ... says so" says "stopped after 50 restarts"
ADMMNET_CHAIN=deck.chain job "$work/my deck.yaml"
expect "train: ... in a chain the next job goes on" says "the next job of the chain deck.chain"
expect "train: ... which is not cancelled" not_called scancel
expect "train: ... while this one ends" not_called requeue
sed 's/RUNNING/COMPLETING/' "$work/job" >"$work/ending" && cat "$work/ending" >"$work/job"
job "$work/my deck.yaml"
expect "train: ... of a cancelled job ends it" not_called requeue
told train.sbatch "$work/my deck.yaml"
ranks 143 "
== admmnet train ==
version: 1"
job "$work/my deck.yaml"
expect "train: 143 when there is a log ends the job" [ "$status" -eq 143 ]
expect "train: ... and it is not started again" not_called requeue
ADMMNET_CHAIN=deck.chain job "$work/my deck.yaml"
expect "train: ... nor the chain" was_called "scancel --name=deck.chain --state=PENDING"
ranks 139 ''
job "$work/my deck.yaml"
expect "train: a crash is no signal from outside" [ "$status" -eq 139 ]
ADMMNET_MAX_RESTARTS=some job "$work/my deck.yaml"
expect "train: a limit that is no number" says "ADMMNET_MAX_RESTARTS is a whole number, not 'some'"
ADMMNET_BINDING=core job "$work/my deck.yaml"
expect "train: an unknown binding" says "it must be cores or none"
ADMMNET=$work job "$work/my deck.yaml"
expect "train: a folder is no program" says "there is no program $work"

cd "$work"
ranks 0 ''
printf '\xef\xbb\xbf# comment\r\nadmm_beta\tnet_hidden\r\n\r\n1 24\r\n- 12' >"$work/my table.txt"
options="-run_name /a/sweep.sbatch/x.sbatch"
told sweep.sbatch "$work/my deck.yaml" "$work/my table.txt" "$options"
SLURM_ARRAY_JOB_ID=7 SLURM_ARRAY_TASK_ID=2 job "$work/my deck.yaml" "$work/my table.txt" "$options"
expect "sweep: finds its folder" [ "$status" -eq 0 ]
expect "sweep: a table with CRLF, the last line without" \
    was_called "-net_hidden 12 -run_outdir runs/my table/2 $options"
expect "sweep: ... no \\r in what collect reads" \
    [ "$(cat "$work/runs/my table/2/parameters.txt")" = "admm_beta net_hidden"$'\n'"- 12" ]
printf 'admm_beta -net_hidden\n1 24\n' >"$work/dash.txt"
run "$site/sweep.sbatch" "$work/my deck.yaml" dash.txt
expect "sweep: a head that holds no keys" says "without a dash; '-net_hidden' is none"
printf 'admm_beta\n1\n' >"$work/file.txt"
: >"$work/runs/file"
run "$site/sweep.sbatch" "$work/my deck.yaml" file.txt
expect "sweep: a file in the place of its folder" says "cannot write into runs/file/1"
expect "sweep: ... exit code 2" [ "$status" -eq 2 ]

run "$site/chain.sh" 2 "$work/my deck.yaml" -run_name a.sbatch
expect "chain: a job's name without blanks" was_called "--job-name=my_deck.chain."
expect "chain: the script by its path" was_called "$site/train.sbatch $work/my deck.yaml -run_name"
rm "$bin/sbatch"
run "$site/chain.sh" 2 "$work/my deck.yaml"
expect "chain: no Slurm" says "there is no sbatch on the PATH"
run "$site/scaling.sh" strong "$work/my deck.yaml" "50% of it" --ranks-per-node 2
expect "scaling: no Slurm" says "there is no sbatch on the PATH"
run "$site/scaling.sh" strong "$work/my deck.yaml" out --local --ranks 18446744073709551617
expect "scaling: a number beyond those of the shell" says "is no whole number above 0"
stand_in sbatch 'echo 7'
run "$site/scaling.sh" strong "$work/my deck.yaml" "50% of it" --ranks-per-node 2
expect "scaling: a folder with what Slurm replaces" was_called "--output=50%% of it/r4.3.out"
ADMMNET=$work/nothing run "$site/predict_scaling.sh" "$work/prediction"
expect "prediction: no program" says "there is no program $work/nothing"

[ "$failures" -eq 0 ] || echo "$failures of the expectations above do not hold"
exit $((failures > 0))
