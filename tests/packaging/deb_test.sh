#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian packages: what they say of themselves, and whether what they hold works:
#
#   deb_test.sh <build folder> <project root> <compiler>
#
# They are unpacked into a folder, not installed. Packed they are not: an unoptimised library with
# its symbols takes a minute to compress.
set -uo pipefail
build=$1 root=$2 compiler=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unpacked=$scratch/root
source "$root/tests/packaging/check.sh"

packs() {
  cpack --config "$build/CPackConfig.cmake" -B "$scratch" -D CPACK_DEBIAN_COMPRESSION_TYPE=none &&
    mv "$scratch"/libitinera-dev_*.deb "$scratch/development.deb" &&
    mv "$scratch"/itinera_*.deb "$scratch/command.deb"
}

# says <package> <field> <pattern>
says() { dpkg-deb -f "$scratch/$1.deb" "$2" | tee /dev/stderr | grep -qE "$3"; }

# What a package needs to be accepted at all, and the libraries that dpkg-shlibdeps found.
introduces_itself() {
  local field
  for field in Version Architecture Maintainer Section Priority; do
    says "$1" "$field" . || return 1
  done
  says "$1" Package "^$2\$" && says "$1" Depends "$3" &&
    [[ $(dpkg-deb -f "$scratch/$1.deb" Description | wc -l) -gt 3 ]]
}

# Every file belongs to root, lies below /usr and has a checksum; the terms are among them.
is_well_packed() {
  local listed files
  listed=$(dpkg-deb -c "$scratch/$1.deb")
  files=$(grep -c '^-' <<<"$listed")
  ! grep -vE '^[d-]r[w-][x-]r-[x-]r-[x-] root/root .* \./usr/' <<<"$listed" &&
    grep " ./usr/share/doc/$2/copyright\$" <<<"$listed" &&
    dpkg-deb --ctrl-tarfile "$scratch/$1.deb" | tar -xO ./md5sums >"$scratch/sums" &&
    [[ $(wc -l <"$scratch/sums") -eq $files ]] &&
    dpkg-deb -x "$scratch/$1.deb" "$unpacked" &&
    (cd "$unpacked" && md5sum --quiet -c "$scratch/sums")
}

command_runs() {
  "$unpacked/usr/bin/itinera" --version &&
    "$unpacked/usr/bin/itinera" check "$root/examples/retail" &&
    file "$unpacked/usr/bin/itinera" | tee /dev/stderr | grep -q ', stripped'
}

check "cpack" packs
check "itinera says what it is" introduces_itself command itinera 'libc6 .*libyaml-cpp'
check "itinera is well packed" is_well_packed command itinera
check "the unpacked command" command_runs
check "libitinera-dev says what it is" introduces_itself development libitinera-dev libyaml-cpp-dev
check "libitinera-dev is well packed" is_well_packed development libitinera-dev
check "find_package in the unpacked root" finds_package host "$unpacked/usr"
closing
