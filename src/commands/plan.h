#pragma once
#include <string>
#include "data/dataset.h"
#include "network/network.h"
namespace admmnet {
struct Plan { int rows=1, cols=1; Index unit_block=64; std::string text; };
Plan make_plan(const Options&, const Topology&, Index train, Index validation, Index test, int ranks, double memory);
}
