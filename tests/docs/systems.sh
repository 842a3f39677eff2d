#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that README and mio(7) have the same table of systems. Also checks that .ci/run has
# every step that README names.
. "$(dirname "$0")/common.sh"

# Each row becomes "SYSTEM|BACKENDS|STATE".
awk '/^    System  / { inside = 1; next } /^$/ { inside = 0 } inside' "$srcdir/README" >"$tmp/rows"
sed 's/^    //; s/   */|/g' "$tmp/rows" | cut -d "|" -f 1-3 | sort >"$tmp/a"
# In mio(7), a row that begins with empty cells continues the last cell of the row above.
awk '/^\.Sh/ { inside = $2 == "SYSTEMS" } inside && /^\.It/ && !/^\.It Sy/' "$srcdir/man/mio.7" |
  sed -e ':again' -e 'N' -e 's/\n\.It Ta Ta / /' -e 't again' -e 'P' -e 'D' |
  sed 's/^\.It //; s/ Ta /|/g; s/Fx , Ox , Dx/FreeBSD, OpenBSD, DragonFly/; s/^Nx/NetBSD/' | sort >"$tmp/b"
at_least 10 "$tmp/a" "systems in README"
compare README "$tmp/a" "mio(7)" "$tmp/b" "change both tables"

if [ -e "$srcdir/.ci/run" ]; then
  sed 's/^    //; s/   */|/g' "$tmp/rows" | cut -s -d '|' -f 4 | tr -d ' ' | tr ',' '\n' | grep . | sort -u >"$tmp/steps"
  at_least 5 "$tmp/steps" "steps in README"
  while read -r step; do
    grep -q "^step_$step()" "$srcdir/.ci/run" || problem ".ci/run has no step $step"
  done <"$tmp/steps"
fi

finish
