#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "runtime/machine.h"

namespace admmnet {

namespace {

/// A host name as prefix and trailing number, "node007" as ("node", 7) with three digits.
struct HostName {
  std::string prefix;
  std::string digits;
};

HostName split(const std::string& name) {
  std::size_t start = name.size();
  // 18 digits fit a long long.
  while (start > 0 && name.size() - start < 18 &&
         std::isdigit(static_cast<unsigned char>(name[start - 1])))
    --start;
  return {name.substr(0, start), name.substr(start)};
}

std::string padded(long long number, std::size_t width) {
  std::string text = std::to_string(number);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

/// "1-3,7" from a sorted set.
std::string ranges(const std::set<long long>& numbers, std::size_t width) {
  std::string text;
  for (auto first = numbers.begin(); first != numbers.end();) {
    auto last = first;
    auto next = std::next(first);
    while (next != numbers.end() && *next == *last + 1) last = next++;
    if (!text.empty()) text += ",";
    text += padded(*first, width);
    if (last != first) text += "-" + padded(*last, width);
    first = next;
  }
  return text;
}

}  // namespace

std::string compress_host_names(const std::vector<std::string>& names) {
  std::set<std::string> padded_prefixes;
  for (const std::string& name : names) {
    const HostName host = split(name);
    if (host.digits.size() > 1 && host.digits[0] == '0') padded_prefixes.insert(host.prefix);
  }
  // Key: prefix and width of the number, 0 where numbers are not padded with zeros.
  std::map<std::pair<std::string, std::size_t>, std::set<long long>> groups;
  std::set<std::string> plain;
  for (const std::string& name : names) {
    const HostName host = split(name);
    if (host.digits.empty()) {
      plain.insert(name);
    } else {
      const std::size_t width = padded_prefixes.count(host.prefix) ? host.digits.size() : 0;
      groups[{host.prefix, width}].insert(std::stoll(host.digits));
    }
  }
  std::string text;
  const auto append = [&](const std::string& part) { text += (text.empty() ? "" : ",") + part; };
  for (const std::string& name : plain) append(name);
  for (const auto& [key, numbers] : groups) {
    const std::string inner = ranges(numbers, key.second);
    append(numbers.size() == 1 ? key.first + inner : key.first + "[" + inner + "]");
  }
  return text;
}

}  // namespace admmnet
