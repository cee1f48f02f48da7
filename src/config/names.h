/// The text of every enumerator and of every row of a table that the options hold, as decks, logs
/// and checkpoints spell it.
#pragma once

#include <array>
#include <string>
#include <type_traits>
#include <utility>

#include "config/options.h"

namespace admmnet {

/// EnumNames<E>::all: the pairs (enumerator, text) of E in the order of its declaration.
template <class E>
struct EnumNames;

template <>
struct EnumNames<Task> {
  static constexpr std::array<std::pair<Task, const char*>, 2> all{
      {{Task::classification, "classification"}, {Task::regression, "regression"}}};
};

template <>
struct EnumNames<Scaling> {
  static constexpr std::array<std::pair<Scaling, const char*>, 7> all{
      {{Scaling::none, "none"},
       {Scaling::unit, "unit"},
       {Scaling::centred, "centred"},
       {Scaling::standard, "standard"},
       {Scaling::deviation, "deviation"},
       {Scaling::sqn, "sqn"},
       {Scaling::whiten, "whiten"}}};
};

template <>
struct EnumNames<Storage> {
  static constexpr std::array<std::pair<Storage, const char*>, 2> all{
      {{Storage::dense, "dense"}, {Storage::sparse, "sparse"}}};
};

template <>
struct EnumNames<LabelColumn::Kind> {  // the other kinds are written as what they name
  static constexpr std::array<std::pair<LabelColumn::Kind, const char*>, 3> all{
      {{LabelColumn::first, "first"}, {LabelColumn::last, "last"}, {LabelColumn::none, "none"}}};
};

template <>
struct EnumNames<ClassWeights::Kind> {  // the other kind is written as its numbers
  static constexpr std::array<std::pair<ClassWeights::Kind, const char*>, 2> all{
      {{ClassWeights::none, "none"}, {ClassWeights::balanced, "balanced"}}};
};

template <>
struct EnumNames<Components::Kind> {  // the other kinds are written as numbers
  static constexpr std::array<std::pair<Components::Kind, const char*>, 2> all{
      {{Components::none, "none"}, {Components::all, "all"}}};
};

template <>
struct EnumNames<Header> {
  static constexpr std::array<std::pair<Header, const char*>, 3> all{
      {{Header::automatic, "auto"}, {Header::yes, "yes"}, {Header::no, "no"}}};
};

template <>
struct EnumNames<Missing> {
  static constexpr std::array<std::pair<Missing, const char*>, 3> all{
      {{Missing::refuse, "refuse"}, {Missing::drop, "drop"}, {Missing::mean, "mean"}}};
};

template <>
struct EnumNames<InitScheme> {
  static constexpr std::array<std::pair<InitScheme, const char*>, 8> all{
      {{InitScheme::automatic, "auto"},
       {InitScheme::he, "he"},
       {InitScheme::xavier, "xavier"},
       {InitScheme::lecun, "lecun"},
       {InitScheme::normal, "normal"},
       {InitScheme::uniform, "uniform"},
       {InitScheme::zero, "zero"},
       {InitScheme::receptive_fields, "receptive_fields"}}};
};

template <>
struct EnumNames<InitBias> {
  static constexpr std::array<std::pair<InitBias, const char*>, 2> all{
      {{InitBias::zero, "zero"}, {InitBias::data, "data"}}};
};

template <>
struct EnumNames<SamplePart> {
  static constexpr std::array<std::pair<SamplePart, const char*>, 2> all{
      {{SamplePart::train, "train"}, {SamplePart::test, "test"}}};
};

template <>
struct EnumNames<Growth> {
  static constexpr std::array<std::pair<Growth, const char*>, 3> all{
      {{Growth::none, "none"}, {Growth::samples, "samples"}, {Growth::widths, "widths"}}};
};

template <>
struct EnumNames<Acceleration> {
  static constexpr std::array<std::pair<Acceleration, const char*>, 2> all{
      {{Acceleration::none, "none"}, {Acceleration::anderson, "anderson"}}};
};

template <>
struct EnumNames<WeightSolver> {
  static constexpr std::array<std::pair<WeightSolver, const char*>, 7> all{
      {{WeightSolver::automatic, "auto"},
       {WeightSolver::cholesky, "cholesky"},
       {WeightSolver::qr, "qr"},
       {WeightSolver::svd, "svd"},
       {WeightSolver::dual, "dual"},
       {WeightSolver::cg, "cg"},
       {WeightSolver::low_rank, "low_rank"}}};
};

template <>
struct EnumNames<ActivationSolver> {
  static constexpr std::array<std::pair<ActivationSolver, const char*>, 5> all{
      {{ActivationSolver::automatic, "auto"},
       {ActivationSolver::correction, "correction"},
       {ActivationSolver::cholesky, "cholesky"},
       {ActivationSolver::ray, "ray"},
       {ActivationSolver::cheapest, "cheapest"}}};
};

template <>
struct EnumNames<PredictionFormat> {
  static constexpr std::array<std::pair<PredictionFormat, const char*>, 2> all{
      {{PredictionFormat::csv, "csv"}, {PredictionFormat::hdf5, "hdf5"}}};
};

template <>
struct EnumNames<Precision> {
  static constexpr std::array<std::pair<Precision, const char*>, 2> all{
      {{Precision::full, "double"}, {Precision::single, "single"}}};
};

/// The text of an enumerator.
template <class E>
std::string name_of(E value) {
  for (const auto& [enumerator, text] : EnumNames<E>::all)
    if (enumerator == value) return text;
  return "?";
}

/// Sets `value` to the enumerator spelt `text`; false, and `value` untouched, when there is none.
template <class E>
bool from_name(const std::string& text, E& value) {
  for (const auto& [enumerator, name] : EnumNames<E>::all) {
    if (text != name) continue;
    value = enumerator;
    return true;
  }
  return false;
}

/// The texts of all enumerators: "relu, leaky_relu, ...".
template <class E>
std::string list_of_names() {
  std::string result;
  for (const auto& [enumerator, text] : EnumNames<E>::all)
    result += (result.empty() ? "" : ", ") + std::string(text);
  return result;
}

// The same for rows of tables.

inline std::string name_of(Loss loss) {
  return loss->name;
}
inline std::string name_of(ActivationKind kind) {
  return kind->name;
}

template <class Kind, class Row>
bool from_table(const Table<Row>& table, const std::string& text, Kind& value) {
  const Row* row = table.find(text);
  if (row != nullptr) value = Kind(*row);
  return row != nullptr;
}
inline bool from_name(const std::string& text, Loss& value) {
  return from_table(loss_table(), text, value);
}
inline bool from_name(const std::string& text, ActivationKind& value) {
  return from_table(activation_table(), text, value);
}

template <>
inline std::string list_of_names<Loss>() {
  return loss_table().names();
}
template <>
inline std::string list_of_names<ActivationKind>() {
  return activation_table().names();
}

/// Whether a value is written as one of a list of names.
template <class T>
constexpr bool is_named =
    std::is_enum_v<T> || std::is_same_v<T, Loss> || std::is_same_v<T, ActivationKind>;

}  // namespace admmnet
