#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the models with Spin. The protocol must hold in every state. Spin must also find each known mistake; otherwise
# the model has lost the power to fail.
set -eu

srcdir=${srcdir:-.}
models=$(cd "$srcdir" && pwd)/tests/models
command -v spin >/dev/null || { echo "models: spin is not installed (Debian: spin)" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0

# explore MODEL DEFINES...: prints how many errors Spin finds.
explore() {
    model=$1
    shift
    spin "$@" -a "$models/$model.pml" >spin.log || { cat spin.log >&2; exit 1; }
    ${CC:-cc} -O2 -DSAFETY -DCOLLAPSE -DMEMLIM=8192 -w -o pan pan.c
    ./pan -m1000000 -w24 >pan.log 2>&1 || true
    # An incomplete search proves nothing.
    if grep -q -e 'max search depth too small' -e 'out of memory' -e 'Search not completed' pan.log &&
        ! grep -q 'errors: 1' pan.log; then
        cat pan.log >&2
        exit 1
    fi
    sed -n 's/.*errors: \([0-9]*\).*/\1/p' pan.log
}

holds() {
    errors=$(explore "$@")
    states=$(sed -n 's/ *\([0-9.e+]*\) states, stored.*/\1/p' pan.log)
    if [ "$errors" = 0 ]; then
        echo "ok   holds in $states states: $*"
    else
        echo "FAIL does not hold: $*"
        failed=1
    fi
}

is_found() {
    errors=$(explore "$@")
    if [ "$errors" = 1 ]; then
        echo "ok   mistake is found: $*"
    else
        echo "FAIL mistake is not found: $*"
        failed=1
    fi
}

bad_writers='-DFAILING -DSTOPPING'
# shellcheck disable=SC2086 # several words
{
    holds waker -DTHREADS=2 -DPOLLERS=1 $bad_writers
    holds waker -DTHREADS=2 -DPOLLERS=1 $bad_writers -DDRAIN
    holds waker -DTHREADS=2 -DPOLLERS=2 $bad_writers
    holds waker -DTHREADS=2 -DPOLLERS=2 $bad_writers -DDRAIN -DWAKES=1
    holds waker -DTHREADS=3 -DPOLLERS=1 $bad_writers -DWAKES=1
}
for mistake in 1 2 3 4 7; do
    is_found waker -DTHREADS=2 -DPOLLERS=1 "-DBROKEN=$mistake"
    is_found waker -DTHREADS=2 -DPOLLERS=2 "-DBROKEN=$mistake"
done
# These mistakes do no harm while each write succeeds. So Spin finds them only in models with writers that fail or stop.
for mistake in 5 6; do
    holds waker -DTHREADS=2 -DPOLLERS=1 "-DBROKEN=$mistake"
    is_found waker -DTHREADS=2 -DPOLLERS=1 "-DBROKEN=$mistake" -DFAILING
    is_found waker -DTHREADS=2 -DPOLLERS=1 "-DBROKEN=$mistake" -DSTOPPING
done
is_found waker -DTHREADS=2 -DPOLLERS=1 -DBROKEN=8 -DFAILING

holds turn -DTHREADS=2 -DWAITS=2
holds turn -DTHREADS=3 -DWAITS=1 -DEVENTS=1
for mistake in 1 2 3 4 5 6 7; do
    is_found turn -DTHREADS=3 -DWAITS=1 "-DBROKEN=$mistake"
done
exit $failed
