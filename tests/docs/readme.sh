#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the programs in README. Each program is an excerpt from a file of examples/, which other tests compile and run.
# Every line of the excerpt must be in the file of examples/. Also checks quickstart in a directory that was moved,
# after an interrupted autoreconf or configure, and with Ctrl-C.
set -eu

srcdir=${srcdir:-.}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# section TITLE: prints the indented lines of the section TITLE of README, without the indentation.
section()
{
  awk -v title="$1" '
    $0 == title { inside = 1; next }
    inside && /^---/ { next }
    inside && /^[^ ]/ && seen { exit }
    inside && /^    / { seen = 1; print substr($0, 5) }
  ' "$srcdir/README"
}

# compare TITLE EXAMPLE: checks that each line of code in the section TITLE is in examples/EXAMPLE.
compare()
{
  section "$1" >"$work/lines"
  [ "$(wc -l <"$work/lines")" -ge 20 ] || {
    echo "FAILED: README has no program under \"$1\""
    exit 1
  }
  while IFS= read -r line; do
    grep -qxF -e "$line" "$srcdir/examples/$2" || {
      echo "FAILED: README, \"$1\": this line is not in examples/$2:"
      echo "    $line"
      exit 1
    }
  done <"$work/lines"
}

compare 'The tour, in C++' quick_start.cc
compare 'The same in C' quick_start.c

# README names the packages that autoreconf needs. quickstart installs the same packages.
sentence=$(tr '\n' ' ' <"$srcdir/README" | sed 's/.*\(autoreconf needs [^.]*\)\..*/\1/')
packages=$(sed -n "/^packages_for_configure/,/'\$/s/.*| *\([a-z]*\) .*|.*|.*/\1/p" "$srcdir/quickstart")
for package in $packages pkg-config; do
  echo "$sentence" | grep -qi "autoreconf needs.* $package" || {
    echo "FAILED: README does not say that autoreconf needs $package"
    exit 1
  }
done

# fuzz/build.sh writes to a directory OUT that is relative to the working directory. Here, nothing is compiled.
if command -v bash >/dev/null && command -v cmake >/dev/null; then
  mkdir -p "$work/fuzzing/fuzz/corpus/x" "$work/fuzzing/bin"
  (
    cp "$srcdir/fuzz/build.sh" "$work/fuzzing/fuzz"
    cd "$work/fuzzing"
    touch fuzz/x.dict fuzz/corpus/x/input
    echo '#!/bin/sh' >configure
    printf '#!/bin/sh\nmkdir fuzz\n: >fuzz/x\n' >bin/make
    chmod +x configure bin/make
    PATH=$PWD/bin:$PATH OUT=out bash fuzz/build.sh build && [ -e out/x ] && [ -e out/x_seed_corpus.zip ]
  ) || {
    echo "FAILED: fuzz/build.sh does not write to a relative directory OUT"
    exit 1
  }
fi

# quickstart in a checkout that was moved: build/ has programs that do not find the library, so quickstart makes build/
# again, but only once. Here, the tools and the demonstration do nothing. The other conditions are those under which
# quickstart installs no package.
if command -v bash >/dev/null && command -v pkg-config >/dev/null && [ -e /usr/include/stdio.h ]; then
  mkdir -p "$work/moved/src" "$work/moved/build" "$work/moved/bench" "$work/bin"
  cp "$srcdir/quickstart" "$work/moved"
  cd "$work/moved"
  touch -d 2020-01-01 configure.ac src/platform.m4 Makefile.am src/module.am
  echo "ac_pwd='/nowhere/build'" >build/config.status
  cat >configure <<'END'
#!/bin/sh
echo "ac_pwd='$PWD'" >config.status
: >Makefile
END
  echo '#!/bin/sh' | tee bench/demo.sh "$work/bin/make" "$work/bin/gcc" >"$work/bin/g++"
  : >Makefile.in
  chmod +x configure bench/demo.sh "$work"/bin/*
  mkdir -p "$work/elsewhere/build"
  export CDPATH="$work/elsewhere" # the user may have CDPATH in the environment
  for file in old.o kept.o; do
    touch build/$file
    PATH=$work/bin:$PATH bash ./quickstart demo >"$work/said" 2>&1 </dev/null || touch build/old.o
  done
  if [ -e build/old.o ] || [ ! -e build/kept.o ] || ! grep -qx "ac_pwd='$PWD/build'" build/config.status; then
    echo "FAILED: quickstart does not make build/ again, or makes it twice, in a directory that was moved:"
    cat "$work/said"
    exit 1
  fi

  # An interrupted autoreconf leaves configure, but no Makefile.in. An interrupted configure leaves config.status, but
  # no Makefile. quickstart runs both again.
  rm Makefile.in build/Makefile
  for tool in autoconf automake libtoolize; do
    ln -s make "$work/bin/$tool"
  done
  printf '#!/bin/sh\n: >Makefile.in\n' >"$work/bin/autoreconf"
  chmod +x "$work/bin/autoreconf"
  PATH=$work/bin:$PATH bash ./quickstart demo >"$work/said" 2>&1 </dev/null || :
  if [ ! -e Makefile.in ] || [ ! -e build/Makefile ]; then
    echo "FAILED: quickstart does not run an interrupted autoreconf or configure again:"
    cat "$work/said"
    exit 1
  fi

  # Ctrl-C ends quickstart and its command. Python makes the terminal.
  if python3 -c 'import os; os.openpty()' 2>/dev/null; then
    printf '#!/bin/sh\necho $$ >pid\nmv pid started\nexec sleep 60\n' >"$work/bin/make"
    PATH=$work/bin:$PATH TERM=xterm timeout 30 python3 - <<'END' >"$work/said" 2>&1 || :
import os, pty, signal, time
child, terminal = pty.fork()
if child == 0:
    started = os.fork()
    if started == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell in the background ignores SIGINT
        os.execlp('bash', 'bash', './quickstart', 'demo')
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as the shell of a user, which outlives quickstart
    os.waitpid(started, 0)
    os.kill(int(open('started').read()), signal.SIGKILL)  # fails if the command has ended
    open('alive', 'w').close()
    os._exit(0)
while not os.path.exists('started'):
    time.sleep(.1)
os.write(terminal, b'\x03')
try:
    while os.read(terminal, 4096):
        pass
except OSError:  # the terminal has ended
    pass
END
    if [ ! -e started ] || [ -e alive ]; then
      echo "FAILED: the command of quickstart does not run, or goes on after Ctrl-C:"
      cat "$work/said"
      exit 1
    fi
  fi
fi
