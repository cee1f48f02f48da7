#!/usr/bin/env bash
# What the scripts that users call first do on machines that are not this one: setup-debian.sh and
# quickstart.sh run against stand-ins for apt-get, sudo, cmake and mpirun that record their calls.
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

machine() { # a PATH with the tools the scripts may take for granted, and nothing else
    rm -rf "$bin"
    mkdir "$bin"
    local tool
    for tool in awk bash cat dirname env grep head id lscpu mkdir mktemp nproc rm sed sort tail wc
    do
        ln -s "$(command -v "$tool")" "$bin/$tool"
    done
}

called() { # what the stand-ins noted
    cat "$calls"
}

run() { # COMMAND...: its exit code in $status, what it says in $output
    : >"$calls"
    status=0
    output=$(PATH=$bin "$BASH" "$@" 2>&1) || status=$?
}

expect() { # WHAT, TEST...
    local what=$1
    shift
    if "$@"; then
        echo "ok    $what"
    else
        echo "FAILS $what"
        printf 'exit code %s, said:\n%s\ncalled:\n%s\n' "$status" "$output" "$(called)" |
            sed 's/^/      /'
        failures=$((failures + 1))
    fi
}
# shellcheck disable=SC2317 # called by name, through expect
says() { [[ $output == *"$1"* ]]; }
# shellcheck disable=SC2317
calls_are() { [ "$(called)" = "$1" ]; }
# shellcheck disable=SC2317
was_called() { [[ $(called) == *"$1"* ]]; }

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
expect "setup: one module system is enough" [ "$(called | grep -c environment-modules)" -eq 0 ]
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

# ---- jobs/quickstart.sh ----
tree=$work/tree
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
    [ "$(called | grep -c BUILD_TESTS)" -eq 0 ]
expect "quickstart: --no-setup installs nothing" [ "$(called | grep -c '^setup')" -eq 0 ]

fresh_tree
trainer 10 '{"stop_reason": "signal", "test_accuracy": 0.5}'
run "$quickstart"
expect "quickstart: passes on that the run was stopped" [ "$status" -eq 10 ]
run "$quickstart"
expect "quickstart: a stopped run is continued" was_called "admmnet train"
trainer 4 ''
run "$quickstart" --again
expect "quickstart: passes on the program's exit code" [ "$status" -eq 4 ]
stand_in cmake 'exit 1'
run "$quickstart" --again
expect "quickstart: says that the build failed" says "cmake could not configure"
run "$quickstart" --help
expect "quickstart: --help" says "--again"
run "$quickstart" --agian
expect "quickstart: unknown argument" says "unknown argument '--agian'"

[ "$failures" -eq 0 ] || echo "$failures of the expectations above do not hold"
exit $((failures > 0))
