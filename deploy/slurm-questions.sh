#!/bin/bash
# Question sets by a Slurm array: each task has its domains written, then one job merges.
#
#   dotnet build -c Release src/ProxyReward.Cli       # once, in the checkout; the machines need the .NET 10 runtime, and see the checkout
#   id=$(sbatch --parsable deploy/slurm-questions.sh)
#   sbatch --dependency=afterok:$id --array=1 --export=ALL,MERGE=1 deploy/slurm-questions.sh
#
# A task that was killed goes on when it is submitted again: what was answered is in its cache. The key (OPENAI_API_KEY) comes from the
# environment of sbatch. More tasks than domains (nine by default) have nothing to do.
#SBATCH --job-name=questions
#SBATCH --array=1-9
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=04:00:00
set -euo pipefail
SHARDS=9 # as many as the array has tasks
PROGRAM=src/ProxyReward.Cli/bin/Release/net10.0/ProxyReward.Cli.dll # not `dotnet run`, with which every task would build
[ -f "$PROGRAM" ] || { echo "$PROGRAM is not there: build it first, and submit from the checkout" >&2; exit 2; }

if [ "${MERGE:-0}" = 1 ]; then
    dotnet "$PROGRAM" questions merge --shards "$SHARDS" --out runs/set.jsonl
    exit
fi

# A cache of its own for each task: SQLite must not be shared over a network file system. Budgets hold for one cache, so for one task;
# limits per minute likewise: divide what the endpoint allows by the number of tasks.
dotnet "$PROGRAM" questions generate --model gpt-4o-mini --count 90 \
    --shard "$SLURM_ARRAY_TASK_ID/$SHARDS" --cache "runs/requests-$SLURM_ARRAY_TASK_ID.sqlite" \
    --requests-per-minute 50 --price-in 0.15 --price-out 0.60 --budget 0.50 --out runs/set.jsonl
