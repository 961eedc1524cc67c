// SPDX-License-Identifier: Apache-2.0
// The only way to Catch2: version 3's header where it exists, version 2's otherwise. Tests use the
// subset that both share.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
