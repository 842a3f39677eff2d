#!/bin/bash
# SPDX-License-Identifier: MIT
# deb.sh DIRECTORY: makes the Debian packages from the release tarball and debian/. Like a build machine of Debian, the
# script builds in a bare system. Checks the packages as Debian's archive does. Then installs, uses, upgrades and purges
# the packages with apt. DEB_BUILD_OPTIONS=nocheck leaves out the tests.
# shellcheck disable=SC2317 # "check" calls the functions
. "$(dirname "$0")/common.sh"

begin "${1:-}" deb
source=mio-$version
changes=$work/build/mio_$version-1_$native.changes

# --- Building -----------------------------------------------------------------------------------------------------

# unpack_source DIRECTORY: unpacks the tarball into $work/DIRECTORY, and copies debian/ into the unpacked source tree.
unpack_source()
{
  mkdir -p "$work/$1" && tar -xf "$tarball" -C "$work/$1" && cp -r "$top/debian" "$work/$1/$source/"
}

source_package()
{
  make_tarball && mkdir "$work/build" && cp "$tarball" "$work/build/mio_$version.orig.tar.xz" || return 1
  if tar -tf "$tarball" | grep '/debian/'; then
    echo "the tarball brings a debian/ of its own, which belongs to distributions"
    return 1
  fi
  unpack_source build && as_builder build dpkg-source -b "$source"
}

build()
{
  local line
  line=$(readme dpkg-buildpackage) &&
    DEB_BUILD_OPTIONS="parallel=$jobs ${DEB_BUILD_OPTIONS:-}" as_builder "build/$source" sh -c "$line"
}

# Checks that the tests have run, unless DEB_BUILD_OPTIONS disabled them.
ran_tests()
{
  case " ${DEB_BUILD_OPTIONS:-} " in
    *' nocheck '*) ! grep '^# TOTAL:' "$work/logs/packages.log" ;;
    *) grep '^# TOTAL: *[1-9]' "$work/logs/packages.log" && grep '^# FAIL: *0$' "$work/logs/packages.log" ;;
  esac
}

# --- Checks of an archive ---------------------------------------------------------------------------------------

silent_lintian()
{
  local said
  said=$(lintian --allow-root --pedantic --display-info --tag-display-limit 0 "$changes" "$work"/build/*.dsc) ||
    said+=' (lintian failed)'
  echo "$said"
  [ -z "$said" ]
}

unpacked=$work/unpacked
unpack()
{
  local package
  for package in libmio1 libmio1-dev; do
    mkdir -p "$unpacked/$package" && dpkg-deb -x "$work/build/${package}_$version-1_$native.deb" "$unpacked/$package" ||
      return 1
  done
}

hardened()
{
  # --nopie skips the check for a PIE, because a library is not a PIE. --nocfprotection skips the check of the control
  # flow, because Debian's flags do not protect the control flow before Debian 13.
  hardening-check --nopie --nocfprotection "$unpacked"/libmio1/usr/lib/*/libmio.so.1 || return 1
  blhc --bindnow "$work/logs/packages.log"
}

# The package libmio-dev of Debian is another library (for mapping files into memory). A user must be able to install
# libmio-dev and libmio1-dev on one system. If the archive does not have libmio-dev, the function uses its own list of
# the files of libmio-dev.
side_by_side()
{
  local theirs=/usr/include/mio/mmap.hpp ours status=0
  theirs+=' /usr/include/mio/page.hpp /usr/include/mio/shared_mmap.hpp /usr/lib/cmake/mio /usr/share/cmake/mio'
  ours=$(find "$unpacked" -type f | sed "s,^$unpacked/[^/]*/,/,")
  if (cd "$work" && apt-get -q download libmio-dev) 2>/dev/null; then
    theirs=$(dpkg-deb -c "$work"/libmio-dev_*.deb | sed -n '/^-/s,.* \./,/,p')
  else
    echo "this archive has no libmio-dev"
  fi
  for file in $theirs; do
    if grep -E "^$file(/|\$)" <<<"$ours"; then
      echo "libmio-dev has that too"
      status=1
    fi
  done
  for field in Conflicts Breaks Replaces Provides; do
    if dpkg-deb -f "$work/build/libmio1-dev_$version-1_$native.deb" "$field" | grep .; then
      echo "libmio1-dev has the field $field: it would replace libmio-dev"
      status=1
    fi
  done
  return "$status"
}

# --- Other ways to build ------------------------------------------------------------------------------------------

# A second build must make exactly the same packages. The second build has another user, host, directory, time,
# language, order of files and umask. In a chroot, reprotest can change neither the user nor the host. So this function
# changes them.
reproducible()
{
  mkdir -p "$work/again/first/source-root" && cp "$work"/build/*.deb "$work/again/first" &&
    unpack_source again || return 1
  # shellcheck disable=SC2016 # the inner shell expands $1
  DEB_BUILD_OPTIONS=nocheck in_root unshare --uts sh -c '
    echo another >/proc/sys/kernel/hostname
    export DEB_BUILD_PROFILES=nocheck
    exec reprotest --verbose --no-diffoscope --vary=-user_group,-domain_host --control-build /work/again/first \
      -c "dpkg-buildpackage -b -us -uc" "$1" "../*.deb"
    ' sh "/work/again/$source"
}

# Builds packages for $foreign, without tests and documentation. This build must make no manual page and no libmio-doc.
cross()
{
  unpack_source cross && DEB_BUILD_OPTIONS="nocheck nodoc parallel=$(nproc)" \
    as_builder "cross/$source" dpkg-buildpackage -us -uc -b -a"$foreign" -Pcross,nocheck,nodoc || return 1
  cd "$work/cross" && ls ./*.deb || return 1
  [ ! -e "libmio-doc_$version-1_all.deb" ] || { echo "libmio-doc was built in spite of nodoc"; return 1; }
  dpkg-deb -x "libmio1_$version-1_$foreign.deb" root && dpkg-deb -x "libmio1-dev_$version-1_$foreign.deb" root ||
    return 1
  if find root -path '*/man/*' -type f | grep .; then
    echo "manual pages in spite of nodoc"
    return 1
  fi
  [ "$(dpkg-deb -f "libmio1_$version-1_$foreign.deb" Architecture)" = "$foreign" ]
}

# Files that two architectures install under the same name must be identical (Multi-Arch: same).
coinstallable()
{
  local file package count=0
  cd "$work/cross/root" || return 1
  while read -r file; do
    for package in libmio1 libmio1-dev; do
      if [ -e "$unpacked/$package/$file" ]; then
        cmp "$file" "$unpacked/$package/$file" || return 1
        count=$((count + 1))
      fi
    done
  done < <(find . -type f)
  echo "$count files are the same"
  [ "$count" -gt 0 ] && [ ! -e "$(find "$unpacked" -name libmio.so.1 | sed "s,$unpacked/libmio1/,,")" ]
}

# --- Installing with apt ------------------------------------------------------------------------------------------

packages=(libmio1 libmio1-dev libmio-doc)

# older PACKAGE.deb DIRECTORY: makes a copy of PACKAGE.deb in DIRECTORY, with a lower version number. If there is no
# previous release, the script tests the upgrade from this copy.
older()
{
  local copy=$work/older
  rm -rf "$copy"
  dpkg-deb -R "$1" "$copy" && sed -i 's/\(^Version: \|(= \)[0-9.]*-1/&~before/' "$copy/DEBIAN/control" &&
    dpkg-deb --root-owner-group -b "$copy" "$2"
}

# publish PACKAGE.deb...: makes an archive that contains each PACKAGE.deb. The apt of the Debian system in $root then
# uses only this archive.
publish()
{
  rm -rf "$work/archive" && mkdir "$work/archive" && cp "$@" "$work/archive" || return 1
  (cd "$work/archive" && dpkg-scanpackages . >Packages) || return 1
  rm -rf "$root/etc/apt/sources.list.d" && echo 'deb [trusted=yes] file:/work/archive ./' >"$root/etc/apt/sources.list"
  in_root apt-get -q update
}

# Installs the previous release. $MIO_RELEASED names the directory that contains the packages of the previous release.
# If $MIO_RELEASED is not set, the function uses the copies that `older` makes.
install_older()
{
  local package
  mkdir -p "$work/released"
  if [ -n "${MIO_RELEASED:-}" ]; then
    cp "$MIO_RELEASED"/*.deb "$work/released"
  else
    for package in "$work"/build/libmio*.deb; do
      case $package in *-dbgsym_*) ;; *) older "$package" "$work/released" || return 1 ;; esac
    done
  fi
  files_of_root >"$work/before" && publish "$work"/released/*.deb &&
    in_root apt-get -q install -y --no-install-recommends "${packages[@]}"
}

upgrade()
{
  publish "$work"/build/libmio*.deb && in_root apt-get -q upgrade -y &&
    in_root dpkg-query -W "${packages[@]}" | tee "$work/installed" &&
    [ "$(grep -c "$version-1\$" "$work/installed")" -eq ${#packages[@]} ] &&
    in_root dpkg --verify "${packages[@]}" && in_root dpkg --audit
}

# Runs debian/tests like autopkgtest: on the installed packages, as a user, in a separate directory.
test_installed()
{
  # shellcheck disable=SC2016 # the inner shell expands $PWD and $1
  rm -rf "$work/test" && mkdir "$work/test" && cp "$top/debian/tests/$1" "$work/test/" && as_builder test \
    sh -c 'mkdir tmp && AUTOPKGTEST_TMP=$PWD/tmp "./$1"' sh "$1"
}

install_by_readme()
{
  local line
  line=$(readme 'apt install') && in_root sh -c "cd /work/build/$source && $line" && test_installed build
}

remove()
{
  in_root apt-get -q remove -y libmio1-dev libmio-doc && in_root apt-get -q remove -y libmio1
}

purge()
{
  in_root apt-get -q purge -y "${packages[@]}" && files_of_root >"$work/after" && diff "$work/before" "$work/after"
}

# --- The order of the checks --------------------------------------------------------------------------------------

check "a bare system" need_root || finish
check "source package" source_package || finish
check "packages" build || finish
check "packages: the tests" ran_tests
check "lintian has nothing to say" silent_lintian
check "packages: unpack" unpack
check "hardening-check and blhc" hardened
check "beside libmio-dev" side_by_side
check "apt: install the version before" install_older
check "apt: upgrade" upgrade
while read -r name; do
  check "autopkgtest: $name" test_installed "$name"
done < <(sed -n 's/^Tests: //p' "$top/debian/tests/control")
check "apt: remove" remove
check "apt: install as README says" install_by_readme
check "apt: purge leaves nothing" purge
check "reproducible" reproducible
check "cross build for $foreign, nodoc" cross && check "installable beside those for $foreign" coinstallable
finish
