#!/bin/bash
# DPO over several machines by Slurm: one process on each of them, which uses all of its cores.
#
#   dotnet build -c Release src/ProxyReward.Cli       # once, in the checkout; the machines need the .NET 10 runtime, and see the checkout
#   sbatch deploy/slurm-train.sh PAIRS MODEL OUT      # there as well
#
# Submitted again with the same arguments it goes on where it was. PAIRS, MODEL and OUT are on a file system that all machines share.
#SBATCH --job-name=train
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=32
#SBATCH --mem=32G
#SBATCH --time=24:00:00
set -euo pipefail
PAIRS=${1:?a file of pairs} MODEL=${2:?a model} OUT=${3:?a folder for the training}
PROGRAM=src/ProxyReward.Cli/bin/Release/net10.0/ProxyReward.Cli.dll # not `dotnet run`, with which every process would build
[ -f "$PROGRAM" ] || { echo "$PROGRAM is not there: build it first, and submit from the checkout" >&2; exit 2; }

# pmix is for Open MPI, pmi2 for MPICH, Intel MPI and MVAPICH (srun --mpi=list says what there is); libmpi must be in LD_LIBRARY_PATH.
# The micro-batches of a step are shared out: gradient_accumulation is a multiple of the number of processes, whatever that is.
srun --mpi="${MPI:-pmix}" --kill-on-bad-exit=1 --cpus-per-task="${SLURM_CPUS_PER_TASK:-32}" \
    dotnet "$PROGRAM" train "$PAIRS" --model "$MODEL" --out "$OUT" --set dpo.gradient_accumulation=8
