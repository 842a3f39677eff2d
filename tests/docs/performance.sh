#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that the tables of mio_performance(7) have the numbers of bench/results/results.csv. The command "make
# bench-full" writes this file. If a number differs, the test prints the right rows.
. "$(dirname "$0")/../abi/common.sh"

need python3 python3
python3 - "$srcdir/bench" "$tmp/sentences" >"$tmp/rows" <<'END' || problem "the results cannot be read"
import csv
import statistics
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import run

results = {}
with open(f'{sys.argv[1]}/results/results.csv', newline='') as file:
    for row in csv.DictReader(file):
        results.setdefault((row['workload'], row['peer']), []).append(float(row['nanoseconds']))


def cell(workload, peer):
    if (workload, peer) not in results:
        return '-'
    if workload in run.TIMEOUTS:
        return f'{statistics.median(results[workload, peer]) / 1000:.0f}'
    return f'{run.ratio(results, workload, peer)[0]:.2f}'


def spread(workloads):
    ratios = [run.ratio(results, workload, 'mio')[0] for workload in workloads]
    return f'{min(ratios):.2f} to {max(ratios):.2f}'


workloads = list(dict.fromkeys(name for name, _ in results))
echoes = [name for name in workloads if name.startswith(('tcp', 'unix')) and name not in ('tcp1', 'unix1')]
with open(sys.argv[2], 'w') as file:
    print(f'README an echo server on mio needs {spread(echoes)} times', file=file)
    print(f"man/mio_performance.7 the ratios are {spread(['wakewait', 'wait0', 'register', 'pass'])}.", file=file)
for workload in workloads:
    peers = run.PEERS if workload in run.TIMEOUTS else run.PEERS[1:]
    print(f".It {workload} Ta {' Ta '.join(cell(workload, peer) for peer in peers)}")
END
sort "$tmp/rows" >"$tmp/measured"
grep '^\.It [a-z0-9]* Ta [0-9-]' "$srcdir/man/mio_performance.7" | sort >"$tmp/printed"
[ "$(wc -l <"$tmp/measured")" -gt 20 ] || problem "bench/results/results.csv has too few workloads"
if ! cmp -s "$tmp/measured" "$tmp/printed"; then
  problem "mio_performance(7) differs from bench/results/results.csv. The rows are:"
  cat "$tmp/rows"
fi
while read -r file sentence; do
  tr '\n' ' ' <"$srcdir/$file" | grep -qF "$sentence" || problem "$file does not say \"$sentence\""
done <"$tmp/sentences"
finish
