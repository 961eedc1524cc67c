#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the built core may not ask of anyone: banned_symbols.sh <object>...
#
# Reads the undefined symbols of each object file. The core has no clock, no chance, no environment,
# no file, no socket and no thread; only the objects named below may, each for its reason.
set -euo pipefail

# In the order of `allowed`: the path of an object, and why.
allowed=(
  '/itinera_store\.dir/'                           # keeps the journal in files
  '/itinera_runtime\.dir/'                         # drives the store for the host
  '/itinera_calendar\.dir/(\./)?system_zones\.'  # reads the system's zone data, once, at open
)
# Not a bare `thread`: shared_ptr alone refers to __libc_single_threaded.
banned='_clock::now|\b(clock_gettime|gettimeofday|time|clock|localtime(_r)?|gmtime(_r)?|mktime)$'
banned+='|\b(secure_)?getenv\b|random_device|\b(s?rand|random|getrandom|arc4random)$'
banned+='|basic_?[io]?f(stream|ilebuf)|basic_(fstream|ifstream|ofstream|filebuf)|std::filesystem'
banned+='|\b(fopen|fopen64|freopen|open|open64|openat|creat|mmap|mmap64|unlink|rename)$'
banned+='|\b(socket|connect|bind|accept|getaddrinfo)$|\b(pthread_create|thrd_create|fork|system)$'
banned+='|std::thread|std::(this_thread|condition_variable)|\b(sleep|usleep|nanosleep)$'
banned+='|date::.*(get_tzdb|locate_zone|current_zone)|\bsetlocale$'

if (($# == 0)); then
  echo "usage: banned_symbols.sh <object>..." >&2
  exit 2
fi
status=0 checked=0
for object in "$@"; do
  for pattern in "${allowed[@]}"; do
    if [[ $object =~ $pattern ]]; then continue 2; fi
  done
  checked=$((checked + 1))
  symbols=$(nm -uC "$object")
  if found=$(grep -E "$banned" <<<"$symbols"); then
    echo "$object:"
    echo "$found"
    status=1
  fi
done
echo "$checked objects looked at"
if ((checked == 0)); then status=1; fi
exit "$status"
