/// std::printf into a string, for the lines of reports.
#pragma once

#include <cstdio>
#include <string>

namespace admmnet {

/// At most 255 characters; what is beyond is cut off.
template <class... Values>
std::string formatted(const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

}  // namespace admmnet
