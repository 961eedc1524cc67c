# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The Debian packages that Itinera needs, and how to have them. Sourced by tests/run.sh, .ci/run
# and examples/demo.sh; with everything in place it neither needs a network nor takes time.
#
#   install_packages build          what the library, the command line and the demo need
#   install_packages build test     ... and the suite
#   install_packages build test ci  ... and the second compiler, its sanitizers and tools

packages_of() {
  case "$1" in
    build)
      echo g++ cmake ninja-build ccache pkg-config libboost1.81-dev libboost-json1.81-dev \
        libfmt-dev libyaml-cpp-dev libhowardhinnant-date-dev libre2-dev libxxhash-dev \
        libcli11-dev libsimdjson-dev libsqlite3-dev graphviz python3 tzdata
      ;;
    test)
      echo catch2 librapidcheck-dev libbenchmark-dev python3-jsonschema python3-yaml dpkg-dev file \
        patch
      ;;
    ci) echo clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev ;;
    *)
      echo "packages_of: no group named $1" >&2
      return 1
      ;;
  esac
}

# Those of the named packages that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
      echo "$package"
    fi
  done
}

install_packages() {
  local group wanted=() missing=() as_root=()
  for group in "$@"; do
    # shellcheck disable=SC2207  # package names have no blanks
    wanted+=($(packages_of "$group"))
  done
  if ! command -v dpkg-query >/dev/null; then
    echo "Not a Debian system: these must be there by other means: ${wanted[*]}"
    return 0
  fi
  # shellcheck disable=SC2207
  missing=($(missing_packages "${wanted[@]}"))
  if ((${#missing[@]} == 0)); then return 0; fi

  echo "Installing ${missing[*]}"
  if (($(id -u) != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "Neither root nor sudo: please install them: ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive)
  # The lists of a fresh machine are empty, those of an old one may name packages that are gone.
  local install=(apt-get install -y -qq --no-install-recommends "${missing[@]}")
  if ! "${as_root[@]}" "${install[@]}" </dev/null >/dev/null 2>&1; then
    "${as_root[@]}" apt-get update -qq </dev/null
    "${as_root[@]}" "${install[@]}" </dev/null >/dev/null
  fi
}
