# shellcheck shell=bash
# Settings of the site: the one file of this folder to edit. The job scripts source it; a variable
# that is set in the environment counts more than the value here.

# Modules of compiler, MPI and libraries, and of admmnet where it is one.
ADMMNET_MODULES=${ADMMNET_MODULES-}

# The program. Empty: the admmnet on the PATH, or else build/release/admmnet of this tree.
ADMMNET=${ADMMNET-}

# What every sbatch from this folder's scripts gets; for a plain sbatch: source jobs/site.sh first.
#export SBATCH_ACCOUNT=my_project
#export SBATCH_PARTITION=compute

# srun, mpirun, or auto: srun if it starts this MPI's ranks as one job, which is tried with two of
# them, and else mpirun.
ADMMNET_LAUNCHER=${ADMMNET_LAUNCHER-auto}
# Options for srun, e.g. --mpi=pmix. Empty: the cluster's default is tried, then pmix, then pmi2.
ADMMNET_SRUN_OPTIONS=${ADMMNET_SRUN_OPTIONS-}

# cores: each rank on cores of its own, as many as it has threads. none: as the system likes.
ADMMNET_BINDING=${ADMMNET_BINDING-cores}

# A run in which nothing has ended for so many minutes (a rank is stuck, its node hangs) ends, and its
# job goes back into the queue. More than one step of the widest network, or one write of a
# checkpoint's part, takes; 0: never. -run_stall_minutes in a deck or on the command line counts more.
ADMMNET_STALL_MINUTES=${ADMMNET_STALL_MINUTES-30}

# How often a job that ran out of time, or stalled, puts itself back into the queue.
ADMMNET_MAX_RESTARTS=${ADMMNET_MAX_RESTARTS-50}
