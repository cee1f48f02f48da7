#!/usr/bin/env bash
# A private, throw-away Slurm cluster on this one host: munged, slurmctld and one slurmd for each
# virtual node, without systemd, cgroups or /etc/slurm.
#
#   cluster.sh up [NODES=2] [CPUS_PER_NODE=2] [OWNER]   start it (no-op when it is up); it goes
#                                               down by itself when the process OWNER has ended
#   cluster.sh down                             stop it, with all jobs, and remove its files
#   cluster.sh env                              print what a client must export, for eval
#   cluster.sh crash NODE                       power a node off: all that runs on it dies
#   cluster.sh boot NODE                        power it on again
#   cluster.sh exec NODE COMMAND...             run on a node, seeing the node's own PIDs
#
# Each node has UTS, PID and mount namespaces of its own: a host name (so that Open MPI tells the
# nodes apart), a private /dev/shm and scratch folder (STATE/node), lost in a crash, and one process
# that holds it and takes it down whole. CPUs and memory may exceed what the host has.
# SLURM_TEST_DIR names the state folder; SLURM_TEST_EXTRA holds more lines for slurm.conf.
# It runs as any user, root or not. Debian packages: slurm-wlm munge util-linux procps.
set -euo pipefail
shopt -s nullglob
PATH=$PATH:/usr/sbin:/sbin
HERE=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
DIR=${SLURM_TEST_DIR:-${TMPDIR:-/tmp}/admmnet-slurm-$(id -u)}
export SLURM_CONF=$DIR/slurm.conf

die() {
    echo "cluster.sh: $*" >&2
    exit 1
}
wait_for() { # SECONDS COMMAND...: retry it, silently
    local tries=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        ((tries-- > 0)) || return 1
        sleep 0.05
    done
}

# A process is ours when its PID and start time (fields 1 and 22 of stat) are those on record. A
# zombie counts as gone: in a container PID 1 may be slow to reap.
start_time() {
    local stat fields
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    read -ra fields <<<"${stat##*) }" # from field 3 on, the state
    [[ ${fields[0]} != Z ]] && echo "${fields[19]}"
}
pid_of() { # NAME: the PID on record, if that very process still runs
    local pid started
    read -r pid started 2>/dev/null <"$DIR/run/$1" &&
        [[ $(start_time "$pid") == "$started" ]] && echo "$pid"
}
gone() { ! pid_of "$1"; }
launch() { # NAME COMMAND...: start in the background, in a session of its own, on record
    local name=$1
    shift
    setsid "$@" >"$DIR/log/$name.out" 2>&1 </dev/null &
    echo "$! $(start_time $! || true)" >"$DIR/run/$name"
}
stop() { # NAME SIGNAL
    local pid
    if pid=$(pid_of "$1"); then
        kill "-$2" "$pid" 2>/dev/null || true
        wait_for 10 gone "$1" || kill -KILL "$pid" 2>/dev/null || true
    fi
    rm -f "$DIR/run/$1"
}

free_ports() { # COUNT: the first of COUNT neighbouring free ports, below the ephemeral range
    local base=$((18000 + RANDOM % 8000)) n
    for ((n = 0; n < $1; n++)); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$((base + n))") 2>/dev/null; then
            base=$((base + n + 1)) n=-1 # a port that answers is taken: go on behind it
        fi
    done
    echo "$base"
}
write_conf() { # NODES CPUS_PER_NODE
    local host base i
    host=$(hostname -s) base=$(free_ports $(($1 + 1)))
    cat <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$base
SlurmUser=$(id -u)
SlurmdUser=$(id -u)
# cred_expire is also how long a requeued job must wait before it starts again (default 120 s).
AuthInfo=socket=$DIR/munge.sock,cred_expire=5
StateSaveLocation=$DIR/state
SlurmctldPidFile=$DIR/slurmctld.pid
SlurmctldLogFile=$DIR/log/slurmctld.log
SlurmdLogFile=$DIR/log/slurmd-%n.log
SlurmdPidFile=$DIR/node/slurmd.pid
SlurmdSpoolDir=$DIR/node/spool
TmpFS=$DIR/node/tmp
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/filetxt
JobCompLoc=$DIR/jobcomp.log
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
MpiDefault=pmix
MailProg=/bin/true
ReturnToService=2
SlurmdTimeout=15
MessageTimeout=30
KillWait=5
MinJobAge=86400
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
CONF
    for ((i = 1; i <= $1; i++)); do
        echo "NodeName=n$i NodeHostname=$host NodeAddr=127.0.0.1 Port=$((base + i)) CPUs=$2" \
            "RealMemory=1000000"
    done
    echo "PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP"
    echo "${SLURM_TEST_EXTRA:-}"
}

boot() { # NODE
    local ns=(--uts --pid --fork --mount-proc --kill-child)
    grep -q "^NodeName=${1:-} " "$SLURM_CONF" || die "no such node: ${1:-}"
    gone "node-$1" >/dev/null || die "$1 is up already"
    ((EUID == 0)) || ns+=(--user --map-current-user --keep-caps)
    # shellcheck disable=SC2016 # expanded inside the node
    launch "node-$1" unshare "${ns[@]}" bash -ec 'hostname "$1"
        mount -t tmpfs -o mode=1777 tmpfs /dev/shm
        mount -t tmpfs tmpfs "$2/node"
        mkdir -m 1777 "$2/node/tmp"
        slurmd -D -f "$2/slurm.conf" -N "$1" & wait' boot "$1" "$DIR"
}
crash() {
    ! gone "node-${1:-}" >/dev/null || die "node not up: ${1:-}"
    stop "node-$1" KILL
}
enter() { # NODE COMMAND...
    local pid ns=(--uts --pid --mount)
    pid=$(pid_of "node-${1:-}") || die "node not up: ${1:-}"
    ((EUID == 0)) || ns+=(--user --preserve-credentials)
    shift
    exec nsenter "${ns[@]}" --wdns="$PWD" -t "$(pgrep -P "$pid")" -- "$@"
}

all_idle() { [[ $(sinfo -h -N -t idle -o %N | wc -l) -eq $1 ]]; }
up() {
    local nodes=${1:-2} cpus=${2:-2} owner=${3:-} tool i
    [[ $nodes =~ ^[1-9][0-9]*$ && $cpus =~ ^[1-9][0-9]*$ ]] ||
        die "NODES and CPUS_PER_NODE are whole numbers above 0"
    if ! gone slurmctld >/dev/null && timeout 5 scontrol ping >/dev/null 2>&1; then
        [[ $(<"$DIR/shape") == "$nodes $cpus" ]] ||
            die "already up, with another shape ($(<"$DIR/shape")): take it down first"
        return
    fi
    for tool in munged slurmctld slurmd scontrol unshare pgrep; do
        command -v $tool >/dev/null || die "there is no $tool: modules/setup-debian.sh test"
    done
    ((${#DIR} <= 60)) || die "the state directory's name is too long for a Unix socket's: $DIR"
    down
    mkdir -p "$DIR"/{run,log,state,node}
    chmod 755 "$DIR"
    echo "$nodes $cpus" >"$DIR/shape"
    (umask 077 && head -c 128 /dev/urandom >"$DIR/munge.key")
    write_conf "$nodes" "$cpus" >"$SLURM_CONF"
    trap 'tail -v -n 5 "$DIR"/log/*.out >&2; down; die "could not start the cluster"' EXIT
    launch munged munged --foreground --num-threads=1 --socket="$DIR/munge.sock" \
        --key-file="$DIR/munge.key" --pid-file="$DIR/munged.pid" --seed-file="$DIR/munge.seed" \
        --log-file="$DIR/log/munged.log"
    wait_for 10 munge -n -S "$DIR/munge.sock"
    launch slurmctld slurmctld -D -f "$SLURM_CONF"
    for ((i = 1; i <= nodes; i++)); do boot "n$i"; done
    wait_for 30 all_idle "$nodes"
    trap - EXIT
    [[ -z $owner ]] || launch owner "$HERE/cluster.sh" outlive "$owner" "$(start_time "$owner")"
}
outlive() { # PID, ITS START: take the cluster down once that process has ended
    while [[ $(start_time "$1") == "$2" ]]; do sleep 1; done
    rm -f "$DIR/run/owner" # or else this process would be stopped with the others
    down
}
down() {
    local f
    [[ -d $DIR/run ]] || return 0
    if ! gone slurmctld >/dev/null; then # first let clients that wait see their jobs end
        timeout 5 squeue -h -r -o %A 2>/dev/null | timeout 5 xargs -r scancel 2>/dev/null || true
        # shellcheck disable=SC2016 # expanded at each try
        wait_for 2 eval '[[ -z $(squeue -h) ]]' || true
    fi
    for f in "$DIR"/run/node-*; do stop "${f##*/}" KILL; done
    stop slurmctld TERM
    stop munged TERM
    stop owner KILL
    rm -rf "$DIR"
}

verb=${1:-}; shift || true
case $verb in
    up | down | boot | crash | outlive) "$verb" "$@" ;;
    exec) enter "$@" ;;
    env)
        echo "export SLURM_CONF=$SLURM_CONF"
        echo "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"
        # All nodes share this host's cores: a rank that waits must let the others run.
        echo "export OMPI_MCA_mpi_yield_when_idle=1"
        ;;
    *) die "say up, down, env, crash NODE, boot NODE or exec NODE COMMAND" ;;
esac
