/// How the entries of the schema are written down: one call a key, naming the field of Options
/// that it fills. For the files of the schema table only.
#pragma once

#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/schema.h"
#include "config/value.h"
#include "runtime/table.h"

namespace admmnet {

// A field of Options is named by a path of member pointers: &Options::train,
// &TrainOptions::iterations; a field of a method's options by
// OptionsOf<ItsOptions>{}, &ItsOptions::field.
template <class Object, class Member>
auto& at(Object& object, Member member) {
  return std::invoke(member, object);
}
template <class Object, class Member, class... Rest>
auto& at(Object& object, Member member, Rest... rest) {
  return at(std::invoke(member, object), rest...);
}
template <class T>
struct OptionsOf {
  T& operator()(Options& o) const { return o.method.of<T>(); }
  const T& operator()(const Options& o) const { return o.method.of<T>(); }
};

// A key whose field is converted by the codec C.
template <class C, class... Path>
Key field_key(const char* name, const char* unit, const Range& range, const char* doc,
              Path... path) {
  Key key;
  key.name = name;
  key.unit = unit;
  key.doc = doc;
  key.read = [=](const std::string& text, Options& o) {
    return C::read(text, range, at(o, path...));
  };
  key.write = [=](const Options& o) { return C::write(at(o, path...)); };
  return key;
}

template <class... Path>
using FieldType =
    std::remove_reference_t<decltype(at(std::declval<Options&>(), std::declval<Path>()...))>;

// An integer or a real, or std::optional of one ("auto").
template <class... Path>
Key number(const char* name, const char* unit, const Range& range, const char* doc, Path... path) {
  using C = Codec<FieldType<Path...>>;
  Key key = field_key<C>(name, unit, range, doc, path...);
  key.allowed = C::allowed(range);
  return key;
}

// An enumeration, or std::optional of one.
template <class... Path>
Key choice(const char* name, const char* doc, Path... path) {
  return number(name, "", Range{}, doc, path...);
}

// Quoted in the deck: its value may be any word, as a column that is called "yes" or "~".
inline Key quoted(Key key) {
  key.style = ValueStyle::text;
  return key;
}

// The name of a row of a table, kept as a string.
template <class Row, class... Path>
Key row_of(const Table<Row>& table, const char* name, const char* doc, Path... path) {
  Key key = field_key<Codec<std::string>>(name, "", Range{}, doc, path...);
  key.allowed = "one of " + table.names();
  key.read = [&table, path...](const std::string& text, Options& o) {
    const bool found = table.find(text) != nullptr;
    if (found) at(o, path...) = text;
    return found;
  };
  return key;
}

template <class... Path>
Key flag(const char* name, const char* doc, Path... path) {
  Key key = choice(name, doc, path...);
  key.style = ValueStyle::flag;
  return key;
}

// A string; `kind` says what of: a file, a folder.
template <class... Path>
Key text(const char* name, const char* kind, const char* doc, Path... path) {
  Key key = field_key<Codec<std::string>>(name, "", Range{}, doc, path...);
  key.allowed = kind;
  key.style = ValueStyle::text;
  return key;
}

// A list of numbers; `word` stands for the list of nothing.
template <class... Path>
Key list(const char* name, const char* word, const char* unit, const Range& range, const char* doc,
         Path... path) {
  Key key = number(name, unit, range, doc, path...);
  key.allowed = std::string(word) + " or " + key.allowed;
  key.style = ValueStyle::list;
  key.empty_word = word;
  key.read = [read = key.read, word = key.empty_word](const std::string& value, Options& o) {
    return read(value == word ? "[]" : value, o);
  };
  key.write = [write = key.write, word = key.empty_word](const Options& o) {
    const std::string value = write(o);
    return value.empty() ? word : value;
  };
  return key;
}

/// `word` in the place of "auto", for an empty value that is no choice of the program's.
inline Key with_word(const std::string& word, Key key) {
  const std::string autos = "auto";
  key.allowed.replace(key.allowed.find(autos), autos.size(), word);
  key.read = [read = key.read, word, autos](const std::string& text, Options& o) {
    return text != autos && read(text == word ? autos : text, o);
  };
  key.write = [write = key.write, word, autos](const Options& o) {
    const std::string text = write(o);
    return text == autos ? word : text;
  };
  return key;
}

template <class... Path>
Key duration(const char* name, const char* doc, Path... path) {
  Key key = field_key<DurationCodec>(name, "", Range{}, doc, path...);
  key.allowed = DurationCodec::allowed(Range{});
  key.style = ValueStyle::text;  // quoted: YAML 1.1 reads 01:30:00 as a number in base 60
  return key;
}

inline Key with_alias(const char* alias, Key key) {
  key.alias = alias;
  return key;
}

/// The key has a meaning only where the other key has one of these values.
inline Key only_with(const char* other, std::vector<std::string> values, Key key) {
  key.conditions.push_back({other, std::move(values)});
  return key;
}

/// A run that goes on from a checkpoint cannot change it.
inline Key fixed(Key key) {
  key.fixed = true;
  return key;
}

/// What auto stands for depends on the machine and the ranks, so that a used deck keeps it.
inline Key of_machine(Key key) {
  key.of_machine = true;
  return key;
}

/// What the deck of a checkpoint that lacks the key means.
inline Key before_it(const char* value, Key key) {
  key.before = value;
  return key;
}

using O = Options;
constexpr double largest_dimension = 2147483647;  // ScaLAPACK's dimensions are 32-bit integers
const Range any_number{};

// The parts of the table that stand in files of their own.
std::vector<Key> data_keys();
std::vector<Key> file_keys();
std::vector<Key> command_keys();

}  // namespace admmnet
