#!/bin/bash
# One fault of the table in CMakeLists.txt: a run that has one checkpoint is hit by the fault while it
# writes the second; another, on another number of ranks, must go on from the one expected.
#   fault_test.sh FAULT EXPECTED CODE SCENARIO MPIEXEC...    (MPIEXEC ends with its option for the ranks)
# FAULT: value of ADMMNET_FAULT; EXPECTED: iteration that the restart takes; CODE: killed, or the exit code.
set -uo pipefail
fault=$1 expected=$2 code=$3 scenario=$4
shift 4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() {
  echo "$1"
  cat "$folder"/log*
  ls -l "$folder"
  exit 1
}

ADMMNET_FAULT=$fault timeout 30 "$@" 2 "$scenario" write "$folder" 1 2 >"$folder/log1" 2>&1
got=$?
[ $got -ne 124 ] || fail "hung"
if [ "$code" = killed ]; then
  [ $got -gt 128 ] || fail "was to be killed, returned $got"
else
  [ $got -eq "$code" ] || fail "returned $got, expected $code"
  if compgen -G "$folder/*.tmp" >/dev/null; then fail "left a temporary file"; fi
fi
grep -q "armed: ${fault%%:*} on rank" "$folder/log1" || fail "the armed fault was not announced"

ranks=1
[[ $fault = *:0:* ]] || ranks=3  # each fault strikes on rank 0 and on rank 1, in a test of its own
timeout 30 "$@" $ranks "$scenario" resume "$folder" >"$folder/log2" 2>&1 || fail "resume on $ranks returned $?"
grep -q "^takes $expected, state as it was" "$folder/log2" || fail "did not take $expected"
[ "$(cat "$folder/run.latest")" = "run.ckpt.$((expected + 1)).h5" ] || fail "the pointer is wrong"
if compgen -G "$folder/*.tmp" >/dev/null; then fail "left a temporary file"; fi
[ ! -e "$folder/run.lock" ] || fail "left its lock"
