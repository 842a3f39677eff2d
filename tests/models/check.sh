#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the models with Spin, on all processors. Each model has assertions, which must hold in every state. With
# -DBROKEN=N, a model contains the known mistake N, and Spin must find a state in which an assertion fails. If Spin
# finds no such state, the model proves nothing.
#
#     check.sh                            all models
#     check.sh RESULT MODEL DEFINES...    one model; the result is "holds" or "is_found"
set -eu

srcdir=${srcdir:-.}
models=$(cd "$srcdir" && pwd)/tests/models
command -v spin >/dev/null || { echo "models: spin is not installed (Debian: spin)" >&2; exit 1; }

# explore RESULT MODEL DEFINES...: runs Spin on MODEL with DEFINES, and leaves the report in pan.log. RESULT is the
# expected result, "holds" or "is_found". If RESULT is "is_found", the search ends early, at the mistake. So the
# function does not optimise pan.c, because the optimisation would take more time than it saves. The largest model needs
# 3 GB of memory. With -DCOLLAPSE and a smaller hash table, it would need 2 GB, but three quarters more time.
explore() {
    optimise=-O2
    test "$1" = holds || optimise=-O0
    model=$2
    shift 2
    spin "$@" -a "$models/$model.pml" >spin.log || { cat spin.log >&2; exit 1; }
    ${CC:-cc} $optimise -DSAFETY -DMEMLIM=8192 -w -o pan pan.c
    ./pan -m1000000 -w26 >pan.log 2>&1 || true
    # If Spin found no error but left out some states, the result is unknown, so the script fails.
    if grep -q -e 'max search depth too small' -e 'out of memory' -e 'Search not completed' pan.log &&
        ! grep -q 'errors: 1' pan.log; then
        cat pan.log >&2
        exit 1
    fi
}

check_one() {
    result=$1
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    explore "$@"
    shift
    states=$(sed -n 's/ *\([0-9.e+]*\) states, stored.*/\1/p' pan.log)
    case $result:$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' pan.log) in
        holds:0) echo "ok   holds in $states states: $*" ;;
        is_found:1) echo "ok   mistake is found: $*" ;;
        holds:*) echo "FAIL does not hold: $*"; exit 1 ;;
        *) echo "FAIL mistake is not found: $*"; exit 1 ;;
    esac
}

# Prints the arguments of check_one for each model. The model that takes longest is first.
all_models() {
    bad_writers='-DFAILING -DSTOPPING'
    echo "holds waker -DTHREADS=2 -DPOLLERS=2 $bad_writers -DSPURIOUS=2"
    echo "holds waker -DTHREADS=3 -DPOLLERS=1 $bad_writers -DWAKES=1"
    echo "holds waker -DTHREADS=2 -DPOLLERS=1 $bad_writers"
    echo "holds waker -DTHREADS=2 -DPOLLERS=1 $bad_writers -DDRAIN"
    echo "holds waker -DTHREADS=2 -DPOLLERS=2 $bad_writers -DDRAIN -DWAKES=1"
    for mistake in 1 2 3 4 7 9 10; do
        echo "is_found waker -DTHREADS=2 -DPOLLERS=1 -DBROKEN=$mistake"
        echo "is_found waker -DTHREADS=2 -DPOLLERS=2 -DBROKEN=$mistake"
    done
    echo "holds waker -DTHREADS=2 -DPOLLERS=1 -DBROKEN=11"
    echo "is_found waker -DTHREADS=2 -DPOLLERS=2 -DBROKEN=11"
    # Mistakes 5 and 6 do no harm if every write succeeds. So Spin finds them only in models with writers that fail or
    # stop.
    for mistake in 5 6; do
        echo "holds waker -DTHREADS=2 -DPOLLERS=1 -DBROKEN=$mistake"
        echo "is_found waker -DTHREADS=2 -DPOLLERS=1 -DBROKEN=$mistake -DFAILING"
        echo "is_found waker -DTHREADS=2 -DPOLLERS=1 -DBROKEN=$mistake -DSTOPPING"
    done
    echo "is_found waker -DTHREADS=2 -DPOLLERS=1 -DBROKEN=8 -DFAILING"
    echo "holds turn -DTHREADS=2 -DWAITS=2"
    echo "holds turn -DTHREADS=3 -DWAITS=1 -DEVENTS=1"
    for mistake in 1 2 3 4 5 6 7; do
        echo "is_found turn -DTHREADS=3 -DWAITS=1 -DBROKEN=$mistake"
    done
    echo "holds afd -DWAITERS=2 -DCHANGES=2 -DEVENTS=1"
    echo "holds afd -DWAITERS=2 -DCHANGES=1 -DEVENTS=1 -DREFUSALS=2"
    echo "holds afd -DWAITERS=1 -DCHANGES=2 -DEVENTS=1 -DREFUSALS=2 -DSTOPS=1"
    for mistake in 1 2 3 4 5 6 7 10 13 14 16; do
        echo "is_found afd -DWAITERS=1 -DCHANGES=2 -DEVENTS=2 -DBROKEN=$mistake"
    done
    # Spin finds mistakes 11 and 12 only if two threads wait.
    for mistake in 11 12; do
        echo "is_found afd -DWAITERS=2 -DCHANGES=1 -DEVENTS=2 -DBROKEN=$mistake"
    done
    # Spin finds mistakes 8, 9 and 15 only if AFD refuses operations.
    for mistake in 8 9 15; do
        echo "is_found afd -DWAITERS=2 -DCHANGES=1 -DEVENTS=1 -DREFUSALS=2 -DBROKEN=$mistake"
    done
}

if [ $# -gt 0 ]; then
    check_one "$@"
else
    all_models | xargs -L 1 -P "$(nproc 2>/dev/null || echo 1)" sh "$models/check.sh"
fi
