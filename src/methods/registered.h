/// The methods that have a folder here: the list is made by CMakeLists.txt.
#pragma once

#include <vector>

namespace admmnet {

class MethodKind;
std::vector<const MethodKind*> methods_of_folders();

}  // namespace admmnet
