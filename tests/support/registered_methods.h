/// For tests that read keys of methods: their tables are in the schema before main().
#pragma once

#include "methods/method.h"

namespace admmnet::test {
inline const bool methods_are_registered = (register_methods(), true);
}  // namespace admmnet::test
