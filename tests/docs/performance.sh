#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that the tables of mio_performance(7) have the numbers of bench/results/results.csv, which make bench-full has
# written. If a number differs, the test prints the right rows.
. "$(dirname "$0")/../abi/common.sh"

need python3 python3
python3 - "$srcdir" >"$tmp/rows" <<'END' || problem "the results cannot be read"
import csv
import re
import statistics
import sys

PEERS = ['mio', 'mio_static', 'mio_cpp', 'libevent', 'libev', 'libuv', 'asio', 'rust_mio']
times = {}
with open(f'{sys.argv[1]}/bench/results/results.csv', newline='') as file:
    for row in csv.DictReader(file):
        times.setdefault(row['workload'], {}).setdefault(row['peer'], []).append(float(row['nanoseconds']))


def cell(workload, peer):
    if peer not in times[workload]:
        return '-'
    if workload.startswith('timeout'):
        return f'{statistics.median(times[workload][peer]) / 1000:.0f}'
    return f"{statistics.median(a / b for a, b in zip(times[workload][peer], times[workload]['raw'])):.2f}"


for workload in sorted(times, key=lambda name: [part.zfill(9) if part.isdigit() else part for part in re.split(r'(\d+)', name)]):
    peers = ['raw', *PEERS] if workload.startswith('timeout') else PEERS
    print(f".It {workload} Ta {' Ta '.join(cell(workload, peer) for peer in peers)}")
END
sort "$tmp/rows" >"$tmp/measured"
grep '^\.It [a-z0-9]* Ta [0-9-]' "$srcdir/man/mio_performance.7" | sort >"$tmp/printed"
[ "$(wc -l <"$tmp/measured")" -gt 20 ] || problem "bench/results/results.csv has too few workloads"
if ! cmp -s "$tmp/measured" "$tmp/printed"; then
  problem "mio_performance(7) differs from bench/results/results.csv. The rows are:"
  cat "$tmp/rows"
fi
finish
