#include "data/csv_columns.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "runtime/error.h"
#include "runtime/nearest.h"

namespace admmnet {

namespace {

std::unordered_map<std::string, Index> place_of(const std::vector<std::string>& names) {
  std::unordered_map<std::string, Index> result;
  for (std::size_t i = 0; i < names.size(); ++i) result.emplace(names[i], static_cast<Index>(i));
  return result;
}

std::vector<std::string> pick(const std::vector<std::string>& names,
                              const std::vector<Index>& places) {
  std::vector<std::string> result;
  for (const Index place : places) result.push_back(names[static_cast<std::size_t>(place)]);
  return result;
}

}  // namespace

std::string shortened_name(const std::string& name) {
  if (name.size() <= kLongestName) return name;
  std::size_t end = kLongestName;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return name.substr(0, end);
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i)
    text += (i > 0 ? ", '" : "'") + names[i] + "'";
  if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
  return text;
}

std::vector<Index> not_among(const std::vector<std::string>& trained,
                             const std::vector<std::string>& names) {
  const auto known = place_of(trained);
  std::vector<Index> result;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (known.count(names[i]) == 0) result.push_back(static_cast<Index>(i));
  return result;
}

std::vector<Index> places_among(const std::vector<std::string>& trained,
                                const std::vector<std::string>& names, const std::string& path) {
  std::vector<Index> places(names.size());
  std::iota(places.begin(), places.end(), Index{0});
  if (names == trained) return places;
  const std::vector<std::string> missing = pick(trained, not_among(names, trained));
  const std::vector<std::string> unknown = pick(names, not_among(trained, names));
  std::string problem;
  if (!missing.empty()) problem = "has no column " + listed(missing) + ", which training has";
  if (!unknown.empty())
    problem += (problem.empty() ? "has the column " : "; it has ") + listed(unknown) +
               ", which training does not have";
  if (missing.size() == 1 && !unknown.empty()) {
    const std::string nearest = nearest_word(missing.front(), unknown);
    if (!nearest.empty()) problem += " (is '" + nearest + "' '" + missing.front() + "'?)";
  }
  const auto place = place_of(trained);
  if (problem.empty() && (place.size() != trained.size() || names.size() != trained.size()))
    problem = "has the columns of training in another order, and a name stands twice";
  if (!problem.empty())
    throw BadInput(path + ": " + problem +
                   "; name the columns as in the training file, and see -data_label_column");
  for (std::size_t i = 0; i < names.size(); ++i) places[i] = place.at(names[i]);
  return places;
}

}  // namespace admmnet
