#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that the injector can make every libc call of libmio.so fail, and that the manual lists the resulting errors.
# libmio.so imports functions of libc. If such a function can fail, the injector must be able to make it fail. If a
# function of mio then returns an error, the error must be on the function's page or in tests/injector/undocumented.
. "$(dirname "$0")/../docs/common.sh"

program=tests/injector/injector
[ -x "$program" ] || { echo "SKIPPED: $program was not built"; exit 77; }
injector=$srcdir/tests/injector

# --- The functions that libmio.so imports -------------------------------------------------------------------------

# These calls cannot fail, or do not report a failure. calls.c defines close and free separately.
harmless='close free munmap getpid geteuid getenv unsetenv getauxval clock_gettime raise
mem[a-z]* str[a-z]* sig[a-z]*set sigismember sigaction sigpending sigprocmask __errno_location
__sigsetjmp pthread_[a-z_]* __pthread_[a-z_]*
__cxa_finalize __gmon_start__ __libc_current_sig[a-z]* __stack_chk_fail __register_atfork __sched_cpu[a-z]*
_ITM_[A-Za-z]* __tsan_[a-z]* __sanitizer_[a-z_]* AnnotateIgnoreReads[A-Za-z]*'
sed -n 's/^    CALL(\([a-z0-9_]*\),.*/\1/p' "$injector/calls.c" | sort >"$tmp/injected"
at_least 40 "$tmp/injected" "calls in calls.c"
if [ -e .libs/libmio.so ]; then
  for word in $harmless; do echo "$word"; done >"$tmp/harmless"
  ${NM:-nm} -D --undefined-only .libs/libmio.so | awk '{ print $2 }' | sed -e 's/@.*//' -e 's/^__\(.*\)_chk$/\1/' |
    sort -u | grep -vxf "$tmp/harmless" | comm -23 - "$tmp/injected" >"$tmp/missing"
  while read -r name; do
    problem "libmio.so calls $name, which tests/injector/calls.c cannot fail"
  done <"$tmp/missing"
fi

# --- The errors that the functions return -------------------------------------------------------------------------

MIO_INJECTED=$tmp/failures "$program" >"$tmp/log" 2>&1
status=$?
[ $status -ne 77 ] || { echo "SKIPPED: the injector does not run with a sanitizer, nor with 32 bits"; exit 77; }
[ $status -eq 0 ] || { problem "$program failed:"; cat "$tmp/log"; }
# The injector can change a call in three ways. "failed" makes the call fail, "short" makes the call move fewer bytes
# than requested, and "reset" makes the call return ECONNRESET. Each way has its own injection points.
for kind in failed short reset; do
  points=$(awk -v k=$kind '$1 == "points" && $3 == k { n += $2 } END { print n + 0 }' "$tmp/failures")
  echo "$points points: $kind"
  [ "$points" -ge 300 ] || problem "the injector had hardly a point of this kind: $kind"
done

awk -F '\t' '$1 == "error" { print $3, $4 }' "$tmp/pages" | sort -u >"$tmp/documented"
awk '$1 == "failed" { print $4, $5 }' "$tmp/failures" | sort -u | comm -23 - "$tmp/documented" >"$tmp/others"
awk 'NR == FNR { if (!/^#/ && NF >= 3) { pattern[++n] = "^(" $1 ")$"; code[n] = $2 } next }
  { for (i = 1; i <= n; i++) if ($2 ~ "^(" code[i] ")$" && $1 ~ pattern[i]) next; print }' \
  "$injector/undocumented" "$tmp/others" >"$tmp/bad"
while read -r function code; do
  calls=$(awk -v f="$function" -v c="$code" '$1 == "failed" && $4 == f && $5 == c { print $2 }' "$tmp/failures" |
    sort -u | tr '\n' ' ')
  problem "$function returns $code, which is not on its page, when this fails: $calls"
done <"$tmp/bad"
[ ! -s "$tmp/bad" ] || mend "list it in the header and on the page; or mend the code"
# Under Valgrind, a signal can make write(2) and connect(2) fail with EINTR. The library then repeats the call. A
# repeated connect to nobody is refused, so the first check shows that the injector tries EINTR.
grep -q '^failed connect EINTR .* ECONNREFUSED' "$tmp/failures" || problem "no connect failed with EINTR"
! grep -E '^failed (write EINTR mio_waker_wake|connect EINTR .* EINTR)' "$tmp/failures" ||
  problem "the library does not repeat a call that fails with EINTR"

finish
