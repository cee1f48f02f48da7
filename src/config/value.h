/// Values as text: how each type of option is read, checked and written.
///
/// Codec<T>::read gives false, and leaves the value in an unspecified state, when the text is not a
/// T or lies outside the range; Codec<T>::write gives a text that reads back as the same value;
/// Codec<T>::allowed says in words what read accepts.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "config/names.h"
#include "runtime/types.h"

namespace admmnet {

/// True when a token of the command line is a key: '-' or '--' and a letter, as PETSc decides it.
/// "-1", "-.5" and "-inf" are values.
bool is_key(const std::string& token);

/// The parts of "a,b,c" or "[a, b, c]" without blanks around them; none for "[]".
std::vector<std::string> split_list(const std::string& text);

/// "true false yes no on off 1 0" in either case.
bool is_bool_word(const std::string& text);

/// Whether the text is UTF-8: no stray bytes, overlong forms, surrogates, or more than U+10FFFF.
bool is_utf8(const std::string& text);

/// What a number may be. The default is any finite number.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false, high_open = false;

  bool contains(double value) const;
  std::string describe() const;  ///< " >= 1", " in [0, 1)" or nothing
};

inline Range at_least(double low) {
  return {low};
}
inline Range above(double low) {
  return {low, std::numeric_limits<double>::infinity(), true};
}

template <class T, class = void>
struct Codec;

template <>
struct Codec<bool> {
  static bool read(const std::string& text, const Range&, bool& value);
  static std::string write(bool value) { return value ? "true" : "false"; }
  static std::string allowed(const Range&) { return "true or false"; }
};

template <>
struct Codec<Index> {
  static bool read(const std::string& text, const Range& range, Index& value);
  static std::string write(Index value) { return std::to_string(value); }
  static std::string allowed(const Range& range) { return "integer" + range.describe(); }
};

template <>
struct Codec<int> {
  static bool read(const std::string& text, const Range& range, int& value);
  static std::string write(int value) { return std::to_string(value); }
  static std::string allowed(const Range& range) { return "integer" + range.describe(); }
};

template <>
struct Codec<double> {
  static bool read(const std::string& text, const Range& range, double& value);
  static std::string write(double value);  ///< the fewest digits that read back as the same number
  static std::string allowed(const Range& range) { return "number" + range.describe(); }
};

template <>
struct Codec<std::string> {
  static bool read(const std::string& text, const Range&, std::string& value);
  static std::string write(const std::string& value) { return value; }
};

/// Labels: any text without commas, and without blanks around it.
template <>
struct Codec<std::vector<std::string>> {
  static bool read(const std::string& text, const Range&, std::vector<std::string>& value);
  static std::string write(const std::vector<std::string>& value);
  static std::string allowed(const Range&) { return "list of labels"; }
};

template <>
struct Codec<LabelColumn> {
  static bool read(const std::string& text, const Range&, LabelColumn& value);
  static std::string write(const LabelColumn& value);
  static std::string allowed(const Range&) {
    return "first, last, none, a column number from 1, or a name of the header; several of the "
           "latter two with commas";
  }
};

template <>
struct Codec<ClassWeights> {
  static bool read(const std::string& text, const Range&, ClassWeights& value);
  static std::string write(const ClassWeights& value);
  static std::string allowed(const Range&) { return "none, balanced, or list, each number >= 0"; }
};

/// "1" is one component; a share has a point or an exponent.
template <>
struct Codec<Components> {
  static bool read(const std::string& text, const Range&, Components& value);
  static std::string write(const Components& value);
  static std::string allowed(const Range&) {
    return "none, all, an integer >= 1, or a share in (0, 1)";
  }
};

template <class E>
struct Codec<E, std::enable_if_t<is_named<E>>> {
  static bool read(const std::string& text, const Range&, E& value) {
    return from_name(text, value);
  }
  static std::string write(E value) { return name_of(value); }
  static std::string allowed(const Range&) { return "one of " + list_of_names<E>(); }
};

/// Empty is written "auto".
template <class T>
struct Codec<std::optional<T>> {
  static bool read(const std::string& text, const Range& range, std::optional<T>& value) {
    value.reset();
    return text == "auto" || Codec<T>::read(text, range, value.emplace());
  }
  static std::string write(const std::optional<T>& value) {
    return value ? Codec<T>::write(*value) : "auto";
  }
  static std::string allowed(const Range& range) { return "auto or " + Codec<T>::allowed(range); }
};

/// "a,b,c"; every element lies in the range.
template <class T>
struct Codec<std::vector<T>> {
  static bool read(const std::string& text, const Range& range, std::vector<T>& value) {
    value.clear();
    for (const std::string& part : split_list(text)) {
      T element{};
      if (!Codec<T>::read(part, range, element)) return false;
      value.push_back(element);
    }
    return true;
  }
  static std::string write(const std::vector<T>& value) {
    std::string text;
    for (const T& element : value) text += (text.empty() ? "" : ",") + Codec<T>::write(element);
    return text;
  }
  static std::string allowed(const Range& range) {
    return "list, each " + Codec<T>::allowed(range);
  }
};

/// A time in seconds in one of Slurm's forms: minutes, minutes:seconds, hours:minutes:seconds,
/// days-hours, days-hours:minutes, days-hours:minutes:seconds. The first number may be of any size,
/// minutes and seconds behind another one are below 60. Written HH:MM:SS, to the full second.
struct DurationCodec {
  static bool read(const std::string& text, const Range&, std::optional<double>& seconds);
  static std::string write(const std::optional<double>& seconds);
  static std::string allowed(const Range&) {
    return "auto, MM, MM:SS, HH:MM:SS, D-HH, D-HH:MM or D-HH:MM:SS";
  }
};

}  // namespace admmnet
