#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the document RESULTS from the logs of .ci/run. For each step of .ci/run, RESULTS has the command that repeats
# the step, a description, and the result.
#
#     tests/results.sh build-ci >RESULTS
#
# The arguments are directories with logs. If several directories have a result of the same step, the script uses the
# first result.
set -eu

[ $# -gt 0 ] || { echo 'usage: tests/results.sh DIRECTORY...' >&2; exit 2; }

# Each line has a step of .ci/run, a description, and perhaps a sed command. RESULTS has the result of each step,
# usually the counts of passed, failed and skipped tests. RESULTS also has the lines that the sed command prints from
# the log of the step.
checks='
lint|format, shell scripts and spelling|
tidy|the rules of clang-tidy and cppcheck|
gcc|all tests, with GCC, and the programs of the manual|
clang|the tests, with Clang|
valgrind|the tests, under Memcheck, and tests with several threads, under Helgrind and DRD|
asan|the tests, with the sanitizers of addresses and of undefined behaviour|
tsan|the tests, with the sanitizer of threads|
msan|the tests, with the sanitizer of memory|
distcheck|a build, an installation and the shell tests, from the tarball|
cross|the tests on i386, armhf and s390x, and servers on aarch64 and riscv64|
musl|the tests with musl, on x86_64 and aarch64|
posix|the tests of the library for any POSIX system|
kqueue|the tests of the library for kqueue(2), on the kqueue(2) of the tests|
macos|compiles and links for macOS|
windows|the tests of the library for Windows, under Wine, and the differential test on AFD|/^differential: [0-9]/p
platforms|the floors of the source that compile for another system|
abi|the programs of the last release|
sandbox|the tests, while a sandbox refuses newer system calls|
models|the models in tests/models, with Spin|s/^ok   //p
differential|random programs on each backend, compared with a model|/^differential: [0-9]/p
fuzz|each fuzz target|/ executions: /p
soak|a server and its clients, on each backend|/ rounds, /p
mutation|small breakages of the library; a test must notice each|/^[0-9]* breakages: /p
injector|each call of libc in the library fails, or transfers less|/^[0-9]* points: /p
races|random calls of eight threads|
coverage|the code in src/ that the tests reach|/^\(lines\|functions\|branches\): /p
bench|instructions, system calls, allocations and size, each with its ceiling|/^ok: /p
deb|the packages for Debian|
rpm|the packages for systems with RPM, with link-time optimisation|
'

# result STEP COMMAND: prints the result of STEP. Then runs the sed command COMMAND on the log of STEP. Fails if no log
# directory has a result of STEP.
result()
{
  for dir in $dirs; do
    [ -s "$dir/$1.result" ] || continue
    cat "$dir/$1.result"
    [ -z "$2" ] || sed -n "$2" "$dir/$1.log"
    return
  done
  return 1
}

dirs=$*
cat <<'EOF_HEAD'
What the checks of mio did
==========================

tests/results.sh made this document from the logs of .ci/run on the commit below. Each check is a step of .ci/run. The
document leaves out the steps that did not run there. To repeat a check, run the command above its result on a clean
checkout, as root on Debian 12. README describes the steps for each system, and tests/README describes the tests.

EOF_HEAD
echo "Commit $(git log -1 --format='%h of %cs'), Linux $(uname -r | sed "s/-.*//"), $(nproc) processors"
printf '%s' "$checks" | while IFS='|' read -r step what command; do
  [ -n "$step" ] || continue
  lines=$(result "$step" "$command") || continue
  printf '\n.ci/run %s\n%s\n%s\n' "$step" "$what" "$lines" | sed '3,$s/^/    /'
done
