#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that every file is in a list of the build (the module.am files), so that no file is missing from the library,
# the tests or the tarball. Also checks that "make help" prints every target, and that git ignores every program.
. "$(dirname "$0")/common.sh"

cd "$srcdir" || exit 99

# listed MODULE PATTERN...: checks that the file MODULE lists each file that matches a PATTERN. For a test program,
# MODULE may list the name of the program instead of its source file.
listed()
{
  module=$1
  shift
  for file in "$@"; do
    [ -e "$file" ] || continue # no file matches the pattern
    name=$(printf '%s\n' "$file" | sed 's/\./\\./g')
    stem=$(printf '%s\n' "${file%.*}" | sed 's/\./\\./g')
    if ! grep -Eq "(^|[[:space:]=])$name([[:space:]]|\$)" "$module"; then
      case $file in
        tests/api/*.c|tests/cxx/*.cc)
          ! grep -Eq "^[[:space:]]+$stem([[:space:]]|\$)" "$module" || continue ;;
      esac
      problem "$file is not named in $module"
    fi
  done
}

listed src/module.am src/*/*.cc src/*/*.hpp src/*/platform/*.hpp
listed include/module.am include/*.h include/*.hpp include/mio/*.h include/mio/*.hpp include/windows/mio/*.h include/windows/mio/*.hpp
listed tests/module.am tests/helpers/*.[ch]* tests/differential/*.[ch] tests/injector/*.[ch] tests/soak/*.[ch] tests/kqueue/*.[cht]* tests/kqueue/sys/*.h \
  tests/windows/*.[ch] tests/windows/*/*.[ch] \
  tests/api/*.[ch] tests/unit/*.cc tests/unit/*.hpp tests/cxx/*.cc tests/cxx/*.hpp \
  tests/*/*.sh tests/docs/*.sed tests/docs/*.awk tests/models/*.pml tests/mutation/*
listed examples/module.am examples/Makefile examples/README examples/*.c examples/*.cc examples/*.bt examples/*.py examples/*/*.[ch]* examples/daemon/lookupd.*
listed fuzz/module.am fuzz/*.cc fuzz/*.hpp fuzz/*.sh fuzz/*.dict
listed bench/module.am bench/*.[ch] bench/*.sh bench/*.py bench/peers/*.[ch] bench/peers/*.cc
listed man/module.am man/*.[0-9]* man/windows/*.[0-9]* man/cpp/*.[a-z]* man/html/*.*

# Each fuzz target has a dictionary, a corpus and a line in fuzz/README.
sed -n '/^fuzz_targets/,/EOL/s,^\tfuzz/\([a-z_]*\) .*,\1,p' fuzz/module.am | sort >"$tmp/fuzz"
at_least 8 "$tmp/fuzz" "fuzz targets"
while read -r target; do
  for file in "fuzz/$target.cc" "fuzz/$target.dict" "fuzz/corpus/$target"; do
    [ -e "$file" ] || problem "the fuzz target $target has no $file"
  done
  grep -q "^    $target  " fuzz/README || problem "$target is not named in fuzz/README"
done <"$tmp/fuzz"
# A fuzzing engine gives each new input a hash as its name. In the tree, each input must have a name that describes the
# input.
find fuzz/corpus -type f | grep -E '/[0-9a-f]{40}$' >"$tmp/hashes" && problem "$(wc -l <"$tmp/hashes") inputs of an engine are in fuzz/corpus"

# Each test in the list of tests that fail on NetBSD's kernel must exist. No other check reads this list.
grep -v '^#' tests/kqueue/netbsd_failures >"$tmp/failures"
at_least 100 "$tmp/failures" "tests that fail on NetBSD's kernel"
while read -r program test cause; do
  grep -Eq "[(]${test}[,)]" "$program.c" || problem "tests/kqueue/netbsd_failures: $program has no test $test"
  [ -n "$cause" ] || problem "tests/kqueue/netbsd_failures: $test has no cause"
done <"$tmp/failures"

# Each source file that a comment or a document names must exist. The build makes version.h. The other names that the
# check leaves out are placeholders, and the headers of another library.
find .ci/run [A-Z]*[A-Z] quickstart bench examples fuzz include man src tests -name corpus -prune -o -name results -prune -o \
  -type f ! -name '*.log' -exec grep -IhoE \
  '(^|[^/A-Za-z])(bench|examples|fuzz|include|man|src|tests)/[A-Za-z0-9_./]+[.](awk|cc|hpp|[chm]|m4|am|md|map|py|sh)\>' {} + |
  sed 's/^[^a-z]//' | grep -vE '/(x|X|mio_X|NAME|NAME_selector|SCRIPT|mmap|page|shared_mmap|version)[.]' | sort -u >"$tmp/named"
at_least 100 "$tmp/named" "named files"
while read -r file; do
  [ -e "$file" ] || problem "a comment or a document names $file, which does not exist"
done <"$tmp/named"

# If .ci/run sets a time budget for a step, tests/results.sh must have a line for this step.
sed -n '/^declare -A budget/,/^)/p' .ci/run | grep -o '\[[a-z]*\]' | tr -d '[]' | sort >"$tmp/steps"
at_least 20 "$tmp/steps" "steps"
sed -n "/^checks='/,/^'/s/^\([a-z]*\)|.*/\1/p" tests/results.sh | sort >"$tmp/results"
compare "the steps of .ci/run" "$tmp/steps" "tests/results.sh" "$tmp/results" "add the step to tests/results.sh"

# Finds the make targets that are words such as check-races, and not paths. Leaves out targets that end in -local,
# because they are hooks of Automake.
sed -n 's/^\([a-z][a-z_.-]*\):\( .*\)\{0,1\}$/\1/p' Makefile.am ./*/module.am | grep -v -e '-local$' | sort -u >"$tmp/rules"
at_least 12 "$tmp/rules" "targets"
# Automake provides these targets.
printf '%s\n' check dist distcheck html install install-html >"$tmp/provided"
sort "$tmp/rules" "$tmp/provided" | grep -vx help >"$tmp/targets"
sed -n "/^help:/,/^\$/s/^.@echo '//p" Makefile.am | grep -o 'make [a-z][a-z_.-]*' | cut -d ' ' -f 2 | sort -u >"$tmp/shown"
compare "the targets" "$tmp/targets" "make help" "$tmp/shown" "name it in the rule for help in Makefile.am"

# A user can build the programs and the Debian packages in the source directory of a checkout. git must then ignore
# every program and package.
if [ -e .git ] && [ -e .gitignore ] && command -v git >/dev/null; then
  grep -oE '[a-z]+/[a-z0-9_./]+[$][(]EXEEXT' Makefile.in | sed 's/[$].*//' | sort -u >"$tmp/programs"
  at_least 100 "$tmp/programs" programs
  sed -n 's,^Package: \(.*\),debian/\1/usr\ndebian/\1.substvars,p' debian/control >"$tmp/packages"
  at_least 6 "$tmp/packages" "files of packages"
  printf 'debian/%s\n' .debhelper/x autoreconf.after debhelper-build-stamp files tmp/usr >>"$tmp/packages"
  cat "$tmp/packages" >>"$tmp/programs"
  git check-ignore -v -n --stdin <"$tmp/programs" | sed -n 's/^::\t//p' >"$tmp/seen"
  while read -r program; do
    problem ".gitignore does not have $program"
  done <"$tmp/seen"
fi

# Services for continuous integration set the variable CI. A missing tool must not fail a test of their users.
grep -n '[$]{CI[:}]' tests/*/*.sh && problem "the lines above read CI instead of MIO_CI"

# quickstart and the Debian packages have separate build directories, because their builds have different options.
if [ -e debian/rules ] && grep -q 'builddirectory=build$' debian/rules; then
  problem "debian/rules builds in build/, as quickstart does"
fi

finish
