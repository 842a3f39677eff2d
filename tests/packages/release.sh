#!/bin/bash
# SPDX-License-Identifier: MIT
# release.sh DIRECTORY: checks the conditions of a release. "make release-check" runs this script. The script makes a
# clean clone of the last commit. It leaves the tarball and its checksums in DIRECTORY/release.
# shellcheck disable=SC2317 # "check" calls the functions
. "$(dirname "$0")/common.sh"

begin "${1:-}" release
clone=$work/clone

committed()
{
  local changed
  changed=$(git -C "$top" status --porcelain) && echo "$changed" && [ -z "$changed" ] || return 1
  if git -C "$top" rev-parse -q --verify "refs/tags/v$version"; then
    echo "v$version is released; give AC_INIT in configure.ac the next number"
    return 1
  fi
  git clone -q "$top" "$clone"
}

# expect WHAT WANTED FOUND
expect()
{
  echo "$1: $3"
  [ "$2" = "$3" ] || { echo "  it should be $2"; return 1; }
}

# configure.ac has the version. Files that are not generated from configure.ac must have the same version.
one_version()
{
  local status=0 spec=$clone/rpm/mio.spec
  [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || { echo "configure.ac: the version is '$version'"; return 1; }
  expect "first entry of NEWS" "$version" "$(sed -n 's/^\([0-9.]*\) (.*)$/\1/p' "$clone/NEWS" | sed -n 1p)" || status=1
  if grep -n 'not released yet' "$clone/NEWS"; then
    echo "  NEWS: put the date there"
    status=1
  fi
  expect debian/changelog "$version-1" "$(cd "$clone" && dpkg-parsechangelog -S Version)" || status=1
  expect "rpm/mio.spec, Version" "$version" "$(sed -n 's/^Version: *//p' "$spec")" || status=1
  expect "rpm/mio.spec, changelog" "$version-1" "$(sed -n '/^%ch/,$s/^\* .* - //p' "$spec" | sed -n 1p)" || status=1
  return "$status"
}

# tests/abi/recorded must have the ABI of this release. The table in src/module.am must have a libtool version for this
# release. The build must use this libtool version.
recorded_abi()
{
  local info ledger
  info=$(sed -n 's/^libmio_version_info = //p' "$clone/src/module.am")
  ledger=$(sed -n "s/^#   ${version//./\\.}  *\([0-9:]*\)  .*/\1/p" "$clone/src/module.am")
  expect "ledger in src/module.am for $version" "$info" "$ledger" || return 1
  cmp "$clone/tests/abi/recorded/mio.abi" "$clone/tests/abi/recorded/mio-$version.abi" ||
    { echo "  cp tests/abi/recorded/mio.abi tests/abi/recorded/mio-$version.abi"; return 1; }
}

distcheck()
{
  cd "$clone" && autoreconf -fi && mkdir build && cd build && ../configure -q && make -j"$(nproc)" distcheck &&
    mv "mio-$version.tar.xz" "$work"
}

# The tarball must have every file that git tracks, except .gitignore and debian/.
complete()
{
  git -C "$clone" ls-files | sort >"$work/in-git"
  tar -tf "$work/mio-$version.tar.xz" | sed "s,^mio-$version/,," | sort >"$work/in-tarball"
  ! comm -23 "$work/in-git" "$work/in-tarball" | grep -vE '^(\.gitignore|debian/)'
}

# Unpacks, builds, tests and installs the release, as README tells a user to do.
from_tarball()
{
  mkdir "$work/unpacked" && tar -xf "$work/mio-$version.tar.xz" -C "$work/unpacked" &&
    cd "$work/unpacked/mio-$version" && ./configure && make -j"$(nproc)" && make -j"$(nproc)" check &&
    make install DESTDIR="$work/installed"
}

checksums()
{
  cd "$work" && sha256sum "mio-$version.tar.xz" >"mio-$version.sha256" &&
    sha512sum "mio-$version.tar.xz" >"mio-$version.sha512" && cat "mio-$version.sha256" &&
    rm -rf unpacked installed clone in-git in-tarball
}

check "everything is committed, and not released before" committed || finish
check "the version is the same everywhere" one_version
check "the ABI is recorded for this release" recorded_abi
if check "make distcheck in a clean clone" distcheck; then
  check "nothing is missing in the tarball" complete
  check "the tarball builds and passes its tests" from_tarball
  check "checksums" checksums
fi
[ $failed -ne 0 ] || cat <<LIST

The tarball and its checksums are in $work. The remaining steps:
  git tag -s v$version          sign the tag
  gpg -ab mio-$version.tar.xz   sign the tarball
  put the tarball, the signature and the checksums in the place that debian/watch and rpm/mio.spec name
  CI of the commit has passed, packages included; keep its packages: MIO_RELEASED tests the next upgrade from them

LIST
finish
