# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# This file defines functions for the scripts in this folder. Each script empties its working directory, and runs its
# checks one by one. For each check, the script prints a line. If a check fails, the script also prints the end of the
# check's output. The last line is "N passed, N failed, N skipped". The scripts run as root on Debian. They need git to
# list the files of a release.

set -uo pipefail
export LC_ALL=C.UTF-8
# Build the packages like a distribution, without the settings of .ci/run.
unset MIO_CI MAKEFLAGS MFLAGS MAKELEVEL
unset CDPATH # otherwise cd may go elsewhere, and prints the directory

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
passed=0 failed=0 skipped=0
native=$(dpkg --print-architecture)
# Most tests of the library sleep most of the time, so run four tests per processor at once.
jobs=$((4 * $(nproc)))
foreign=arm64
[ "$native" != arm64 ] || foreign=amd64

# begin WORK NAME: empties the directory WORK/NAME, and sets $work to its path. If another script uses WORK, waits until
# this script ends.
begin()
{
  [ -n "$1" ] || { echo "usage: $0 DIRECTORY" >&2; exit 2; }
  mkdir -p "$1" && exec 9>"$1/lock" && flock 9 || exit 2
  work=$(cd "$1" && pwd)/$2
  rm -rf --one-file-system "$work"
  mkdir -p "$work/logs"
  version=$(sed -n 's/^AC_INIT(\[mio\], \[\(.*\)\])$/\1/p' "$top/configure.ac")
}

# check NAME COMMAND...: runs COMMAND, and prints one line with NAME and the result. If COMMAND fails, also prints the
# end of its output.
check()
{
  local name=$1 start=$SECONDS log="$work/logs/${1//[^a-zA-Z0-9]/-}.log"
  shift
  if "$@" >"$log" 2>&1 </dev/null; then
    passed=$((passed + 1))
    printf 'ok      %3d s  %s\n' $((SECONDS - start)) "$name"
  else
    failed=$((failed + 1))
    printf 'FAILED  %3d s  %s\n' $((SECONDS - start)) "$name"
    tail -n 40 "$log" | sed 's/^/    /'
    return 1
  fi
}

# skip NAME REASON
skip()
{
  skipped=$((skipped + 1))
  echo "SKIPPED: $1: $2"
}

finish()
{
  echo "$passed passed, $failed failed, $skipped skipped"
  [ $failed -eq 0 ] && [ $passed -gt 0 ]
  exit
}

# readme COMMAND: prints the line of README that begins with COMMAND. The scripts run this line to test README.
readme()
{
  grep -h "^    $1" "$top/README" || { echo "README has no line '$1...'" >&2; return 1; }
}

# source_copy DIRECTORY: copies the files that git tracks, with their current content, to DIRECTORY.
source_copy()
{
  mkdir -p "$1" && (cd "$top" && git ls-files -z | tar -c --null -T -) | tar -x -C "$1"
}

# make_tarball: sets $tarball to the tarball that "make dist" makes of a clean copy.
make_tarball()
{
  local copy=$work/copy
  tarball=$work/mio-$version.tar.xz
  source_copy "$copy" && cd "$copy" && autoreconf -fi && mkdir build && cd build && ../configure -q && make dist &&
    mv "mio-$version.tar.xz" "$tarball" && cd "$work" && rm -rf "$copy"
}

# need_root: sets $root to a directory with a bare Debian system, of the same release as this machine. The comments call
# this system the root. The scripts build packages for this machine and for $foreign in the root, and install them
# there. The scripts build and install nothing outside of the root. All scripts with the same argument DIRECTORY use the
# same root. At its end, a script removes mio's packages from the root.
need_root()
{
  local release base include
  root=${work%/*}/root
  [ ! -e "$root/etc/mio-root" ] || return 0
  rm -rf --one-file-system "$root"
  # shellcheck disable=SC1091
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  base=build-essential,debhelper,pkg-config,check,mandoc,source-highlight,systemtap-sdt-dev,man-db
  base+=,reprotest,disorderfs,faketime,rpm,dnf
  include=$base,crossbuild-essential-$foreign,libc6:$foreign,systemtap-sdt-dev:$foreign
  # Also install the packages that debian/tests/control names. Later, apt cannot install these packages,
  # because deb.sh restricts apt to an archive of mio's packages.
  include+=,libboost-dev,libc-ares-dev,libcurl4-openssl-dev,libglib2.0-dev,libhiredis-dev
  # With force-unsafe-io, dpkg does not wait until each file is on the disk.
  mmdebstrap --quiet --variant=apt --architectures="$native,$foreign" --include="$include" \
    --dpkgopt=force-unsafe-io "$release" "$root" || return 1
  in_root useradd --uid 1000 --create-home builder && touch "$root/etc/mio-root"
}

# in_root COMMAND...: runs COMMAND in the bare system $root, with $work as /work. COMMAND has a mount namespace of its
# own, so that nothing stays mounted.
in_root()
{
  # shellcheck disable=SC2016 # the inner shell expands $1 and the other variables
  unshare --mount --fork sh -c '
    root=$1 work=$2
    shift 2
    mkdir -p "$root/work"
    mount -t proc proc "$root/proc" && mount --rbind /sys "$root/sys" && mount --rbind /dev "$root/dev" &&
      mount -t tmpfs tmpfs "$root/tmp" && mount --bind "$work" "$root/work" || exit 1
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
      DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS:-}" chroot "$root" "$@"' sh "$root" "$work" "$@"
}

# as_builder DIRECTORY COMMAND...: runs COMMAND in the bare system $root, in its directory /work/DIRECTORY. COMMAND runs
# as a user who can write only below /work.
as_builder()
{
  local directory=$1
  shift
  chown -R 1000:1000 "$work/${directory%%/*}"
  # shellcheck disable=SC2016
  in_root setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/nonexistent \
    sh -c 'cd "$1" && shift && exec "$@"' sh "/work/$directory" "$@"
}

# files_of_root: lists every file with its kind and size, so that a script can compare two lists. Leaves out the
# databases of apt, dpkg, dnf, rpm, ldconfig and man.
files_of_root()
{
  (cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run -o -path ./tmp \
    -o -path ./work -o -path ./etc/apt -o -path ./var/lib/apt -o -path ./var/cache -o -path ./var/log \
    -o -path ./var/lib/dpkg -o -path ./var/lib/dnf -o -path ./var/lib/rpm \) -prune -o -type d -print -o -printf '%p %y %s\n') | sort
}
