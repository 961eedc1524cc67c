#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The four ways to link Itinera (docs/linking.md), each with a project of its own, outside:
#
#   link_test.sh <build folder> <project root> <compiler>
#
# The project is the first example and must print what the example prints. A static library is
# installed from the build folder; the shared one is compiled, within a project around it.
set -uo pipefail
build=$1 root=$2 compiler=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
source "$root/tests/packaging/check.sh"

# What `cmake --install` makes, in another place than where it was made.
installs() {
  cmake --install "$1" --prefix "$scratch/made" && mv "$scratch/made" "$2"
}

links_by_pkg_config() {
  local flags
  # Where libraries lie below the prefix differs.
  PKG_CONFIG_PATH=$(dirname "$(find "$scratch/static" -name itinera.pc)")
  export PKG_CONFIG_PATH
  flags=$(pkg-config --cflags --static --libs itinera) || return 1
  # shellcheck disable=SC2086  # they are many words
  "$compiler" -std=c++20 "$program" $flags -o "$scratch/by_pkg_config" &&
    prints_expected "$scratch/by_pkg_config"
}

installed_command_runs() {
  "$scratch/static/bin/itinera" --version &&
    "$scratch/static/bin/itinera" check "$root/examples/journeys" &&
    bash -n "$scratch/static/share/bash-completion/completions/itinera"
}

# Shared, and with what installs it, to be looked at below. One file a room compiles fastest, and
# the compiler's cache knows it the next time.
builds_within_a_project() {
  local launcher=()
  project within add_subdirectory || return 1
  ln -s "$root" "$scratch/within/itinera"
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    export CCACHE_BASEDIR=$scratch/within CCACHE_NOHASHDIR=1
  fi
  builds "$scratch/within" -DBUILD_SHARED_LIBS=ON -DITINERA_INSTALL=ON \
    -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=16 \
    -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "${launcher[@]}" &&
    prints_expected "$scratch/within/build/host"
}

# The host is compiled as C++20 with our headers in sight, and else as it wants to be.
leaves_the_host_alone() {
  local command
  command=$(grep '"command".*host\.dir' "$scratch/within/build/compile_commands.json")
  echo "$command"
  grep -q -- '-std=gnu++20' <<<"$command" && ! grep -qE -- ' -(W|f|O|pedantic)' <<<"$command" &&
    ctest --test-dir "$scratch/within/build" -N | grep -q '^Total Tests: 0$' &&
    ! cmake --build "$scratch/within/build" --target help | grep -qE 'itinera_command|_tests'
}

# The rooms are not to be seen from outside, and the name says which versions fit.
shows_the_public_face_only() {
  local library symbols
  library=$(find "$scratch/shared" -name libitinera.so)
  symbols=$(nm -DC --defined-only "$library")
  readelf -d "$library" | grep -q 'soname: \[libitinera\.so\.[0-9]*\.[0-9]*\]' &&
    grep -q ' T itinera::Engine::feed' <<<"$symbols" &&
    ! grep -E 'itinera::[a-z]+::' <<<"$symbols"
}

check "cmake --install" installs "$build" "$scratch/static"
check "all public headers are installed, and no other" \
  diff -r "$root/include" "$scratch/static/include"
check "the installed command" installed_command_runs
check "find_package, static" finds_package static_host "$scratch/static"
check "pkg-config" links_by_pkg_config
check "add_subdirectory, shared" builds_within_a_project
check "add_subdirectory leaves the host alone" leaves_the_host_alone
check "cmake --install of the shared library" installs "$scratch/within/build" "$scratch/shared"
check "find_package, shared" finds_package shared_host "$scratch/shared"
check "a shared library shows the public face only" shows_the_public_face_only
closing
