/// Fields of a CSV file that is written (RFC 4180).
#pragma once

#include <cstdio>
#include <string>

namespace admmnet {

inline std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string field = "\"";
  for (const char c : text) field += c == '"' ? "\"\"" : std::string(1, c);
  return field + "\"";
}

inline std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

/// With the comma in front of it.
inline std::string number_field(double value) {
  return "," + short_number(value);
}

}  // namespace admmnet
