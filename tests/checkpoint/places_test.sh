#!/bin/bash
# Faults that need a place of their own.   places_test.sh NAME SCENARIO MPIEXEC...
set -uo pipefail
name=$1 scenario=$2
shift 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
expect() {  # CODE TEXT COMMAND...
  local code=$1 text=$2
  shift 2
  timeout 30 "$@" >"$folder.log" 2>&1
  local got=$?
  if [ $got -ne "$code" ] || ! grep -q "$text" "$folder.log"; then
    echo "returned $got, expected $code and '$text'"
    cat "$folder.log"
    exit 1
  fi
}

case $name in
  # A rank cannot open the newest checkpoint: all refuse it and take the one before.
  open_fails_on_reading)
    expect 0 "wrote" "$@" 2 "$scenario" write "$folder" 1 1
    cp "$folder/run.ckpt.1.h5" "$folder/older"
    expect 0 "wrote" "$@" 2 "$scenario" write "$folder" 2 2
    mv "$folder/older" "$folder/run.ckpt.1.h5"
    ADMMNET_FAULT=open_fails:1 expect 0 "refused: .*run.ckpt.2.h5.*pretended.*rank 1" \
      "$@" 2 "$scenario" resume "$folder"
    grep -q "^takes 1, state as it was" "$folder.log" || { cat "$folder.log"; exit 1; }
    ;;
  # The file system fills up: the message has numbers, the old checkpoint stays, no temporary file.
  disk_full)
    if [ "${ADMMNET_OWN_MOUNTS:-}" != yes ]; then
      unshare --mount true 2>/dev/null || { echo "cannot mount here"; exit 77; }
      ADMMNET_OWN_MOUNTS=yes unshare --mount "$0" "$name" "$scenario" "$@"
      exit $?
    fi
    mount -t tmpfs -o size=64k none "$folder" || exit 77
    expect 0 "wrote" "$@" 2 "$scenario" write "$folder" 1 1
    head -c 28k /dev/zero >"$folder/filler"
    expect 3 "FAILED: .*it needs .* MB free" "$@" 2 "$scenario" write "$folder" 2 2
    if compgen -G "$folder/*.tmp" >/dev/null; then exit 1; fi
    rm "$folder/filler"
    expect 0 "^takes 1, state as it was" "$@" 2 "$scenario" resume "$folder"
    ;;
  # Two runs of one name at once: the second leaves at once and names the first.
  two_runs)
    "$@" 1 "$scenario" write "$folder" 1 100000 >"$folder/log" 2>&1 &
    first=$!
    for _ in $(seq 100); do compgen -G "$folder/run.ckpt.*.h5" >/dev/null && break; sleep 0.1; done
    expect 2 "another run holds .*run.lock: process [0-9]* on host" "$@" 2 "$scenario" resume "$folder"
    kill -TERM $first
    wait $first 2>/dev/null
    expect 0 "took over .*its process is gone" "$@" 2 "$scenario" resume "$folder"
    ;;
  # Python reads what was just written.
  h5py)
    expect 0 "wrote" "$@" 2 "$scenario" write "$folder" 1 1
    "$ADMMNET_PYTHON" "${0%/*}/h5py_test.py" "$folder/run.ckpt.1.h5" || exit $?
    ;;
  *) echo "unknown: $name"; exit 1 ;;
esac
