#!/usr/bin/env bash
# Runs a recipe undisturbed, then again with kill -9 of the process group at random moments, and compares the results.
# Usage: tests/kill.sh KILLS WORK_FOLDER [run arguments…]   (without arguments: a small form of the pocket recipe)
set -euo pipefail
kills=$1; work=$2; shift 2
root=$(cd "$(dirname "$0")/.." && pwd)
cli=(dotnet "$root/src/ProxyReward.Cli/bin/Release/net10.0/ProxyReward.Cli.dll")
if [ $# -eq 0 ]; then
  set -- "$root/recipes/pocket.yaml" --set responses.max_new_tokens=96 --set evaluation.responses=2 --set 'controls=[random]'
fi
cd "$root"

start=$(date +%s%N)
"${cli[@]}" run "$@" --out "$work/undisturbed" >"$work/undisturbed.log" 2>&1 || { tail -n 20 "$work/undisturbed.log"; exit 1; }
millis=$(( ($(date +%s%N) - start) / 1000000 ))
echo "undisturbed: $((millis / 1000)) s"

killed=0
while [ "$killed" -lt "$kills" ]; do
  setsid "${cli[@]}" run "$@" --out "$work/killed" >"$work/killed.log" 2>&1 &
  pid=$!
  # Moments spread over a whole run, so that every stage is hit; RANDOM has 15 bits.
  sleep "$(awk -v r=$RANDOM -v m="$millis" 'BEGIN { printf "%.3f", 0.3 + r / 32768 * m / 1000 }')"
  if kill -9 -- "-$pid" 2>/dev/null; then
    killed=$((killed + 1))
  else
    # It was done before the moment came: begin again, so that every kill hits a run at work.
    rm -rf "$work/killed"
  fi
  wait "$pid" 2>/dev/null || true
done
"${cli[@]}" run "$@" --out "$work/killed" >"$work/killed.log" 2>&1 || { tail -n 20 "$work/killed.log"; exit 1; }

# Seconds are the one thing that may differ.
same() { diff <(sed -E 's/"(seconds)": *\{[^}]*\}//; /"(seconds|respond|read|score|pair|train|evaluate)": *[0-9.]+,?$/d' "$1") <(sed -E 's/"(seconds)": *\{[^}]*\}//; /"(seconds|respond|read|score|pair|train|evaluate)": *[0-9.]+,?$/d' "$2"); }
same "$work/undisturbed/summary.json" "$work/killed/summary.json"
while IFS= read -r file; do
  cmp "$work/undisturbed/$file" "$work/killed/$file"
done < <(cd "$work/undisturbed" && find . \( -name '*.jsonl' -o -name '*.safetensors' \) ! -name seconds.jsonl | sort)
echo "$kills kills: the same bytes"
