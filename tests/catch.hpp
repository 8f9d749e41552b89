// Catch2 in the version that the system has: v2 (Debian 12) or v3 (Ubuntu 24.04).
#pragma once

#ifdef MEMWALL_CATCH2_V3
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
