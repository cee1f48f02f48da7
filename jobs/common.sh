# shellcheck shell=bash disable=SC2154 # the caller's variables
# What the job scripts share; they source it. The caller's: say, die, and `jobs`, the folder of both.

# Takes the settings of the site.
read_site() {
    [ -f "$jobs/site.sh" ] || die "there is no site.sh beside this script, in $jobs: copy it, too."
    ! grep -q $'\r' "$jobs/site.sh" ||
        die "$jobs/site.sh has line ends of Windows: sed -i 's/\r\$//' FILE mends it."
    # shellcheck source-path=SCRIPTDIR source=site.sh
    . "$jobs/site.sh"
}

# ---- waiting, and going back into the queue. The caller's: in_slurm; job; started (a training
# began); ending (a signal asked for the end of the job). ----

# Waits for a process in the background: its exit code in `status`. A shell acts on a signal when it
# waits, which ends the wait, too; traps set `woken`.
await() { # PID
    local result
    woken=true
    while $woken; do
        woken=false
        wait "$1" && result=0 || result=$?
        # shellcheck disable=SC2034 # the caller's
        [ "$result" -eq 127 ] || status=$result # 127: it had ended when the signal came
    done
}

job_state() { scontrol show job "$job" | sed -n 's/^ *\(JobState=.*\)/\1/p'; }

# The job is being ended because its time is up, and not because somebody cancelled it.
time_is_up() { [[ $(job_state) == *' Reason=TimeLimit'* ]]; }

# Slurm is ending the job, of which the ranks may have heard before this script.
is_ending() { $ending || [[ $(job_state) =~ ^JobState=(CANCELLED|COMPLETING|COMPLETED) ]]; }

requeue() {
    local restarts=${SLURM_RESTART_COUNT:-0}
    if ! $in_slurm || { is_ending && ! time_is_up; }; then
        say "stopped; the same command continues."
    elif ! $started; then
        say "the signal before the time limit came before the training began; not started again:" \
            "--time must be well above the seconds of --signal."
    elif [ -n "${ADMMNET_CHAIN-}" ]; then
        say "stopped; the next job of the chain $ADMMNET_CHAIN continues."
    elif [ "$restarts" -ge "$ADMMNET_MAX_RESTARTS" ]; then
        say "stopped after $restarts restarts, as many as ADMMNET_MAX_RESTARTS allows; the same" \
            "command continues."
    elif scontrol requeue "$job"; then
        say "stopped and requeued: restart $((restarts + 1)) of at most $ADMMNET_MAX_RESTARTS."
    else
        say "stopped, and Slurm refuses to requeue; the same command continues (see chain.sh)."
    fi
}
