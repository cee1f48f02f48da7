#include "checkpoint/contents_codec.h"

#include <cstring>
#include <set>

#include "checkpoint/contents_check.h"
#include "checkpoint/text_codec.h"
#include "config/names.h"
#include "runtime/element_hash.h"
#include "runtime/error.h"

namespace admmnet {

using nlohmann::json;

std::vector<Index> file_shape(const StateTensor& tensor) {
  return {tensor.cols, tensor.rows};
}
std::string state_name(const std::string& path) {
  return "/state/" + path;
}

namespace {

constexpr const char* history_group = "/history/";

template <class T>
SmallDataSet small(const std::string& name, std::vector<Index> shape, const T* values) {
  static_assert(sizeof(T) == 8, "every element has eight bytes");
  SmallDataSet result;
  DataSet& header = result.header;
  header.name = name;
  header.shape = std::move(shape);
  header.type = std::is_same_v<T, double> ? ElementType::real : ElementType::integer;
  result.words.resize(static_cast<std::size_t>(header.elements()));
  if (!result.words.empty())
    std::memcpy(result.words.data(), values, static_cast<std::size_t>(header.bytes()));
  header.checksum = checksum(0, result.words.data(), header.elements());
  return result;
}

template <class T>
SmallDataSet small(const std::string& name, const std::vector<T>& values) {
  return small(name, {static_cast<Index>(values.size())}, values.data());
}

void check_path(const std::string& path, std::set<std::string>& seen) {
  const bool name = !path.empty() && path.front() != '/' && path.back() != '/' &&
                    path.find("//") == std::string::npos && path.size() < 100;
  ADMMNET_REQUIRE(name, "checkpoint: '" + path + "' is no path of the state");
  ADMMNET_REQUIRE(seen.insert(path).second, "checkpoint: the state holds '" + path + "' twice");
}

/// The parts must cover the tensor's columns once, and lie within their matrices.
void check_tensor(const StateTensor& tensor) {
  Index covered = 0;
  for (const StateTensor::Part& part : tensor.parts) {
    const bool here = part.matrix != nullptr;  // else on other ranks
    ADMMNET_REQUIRE(
        part.first_col >= 0 && part.cols >= 0 && part.position >= 0 &&
            part.position + part.cols <= tensor.cols &&
            (!here || (part.first_col + part.cols <= part.matrix->cols() &&
                       tensor.rows <= part.matrix->rows())),
        "checkpoint: a part of " + tensor.path + " reaches beyond its matrix or the tensor");
    covered += part.cols;
  }
  ADMMNET_REQUIRE(covered == tensor.cols, "checkpoint: the parts of " + tensor.path + " hold " +
                                              std::to_string(covered) + " columns of " +
                                              std::to_string(tensor.cols));
}

void encode_state(const StateView& state, EncodedContents& result) {
  std::set<std::string> seen;
  for (const StateScalar& scalar : state.scalars) {
    check_path(scalar.path, seen);
    ADMMNET_REQUIRE((scalar.real != nullptr) != (scalar.integer != nullptr),
                    "checkpoint: '" + scalar.path + "' must be one number");
    const std::string name = state_name(scalar.path);
    result.small.push_back(scalar.real ? small(name, {}, scalar.real)
                                       : small(name, {}, scalar.integer));
  }
  for (const StateTensor& tensor : state.tensors) {
    check_path(tensor.path, seen);
    check_tensor(tensor);
    DataSet data_set;
    data_set.name = state_name(tensor.path);
    data_set.shape = file_shape(tensor);
    result.tensors.push_back(std::move(data_set));
  }
}

constexpr const char* labels_name = "/network/class_labels";

/// Integers, as long as all labels are such.
SmallDataSet encode_labels(const std::vector<std::string>& labels) {
  std::vector<Index> numbers;
  return labels_as_integers(labels, numbers) ? small(labels_name, numbers)
                                             : encode_texts(labels_name, labels);
}

void encode_network(const NetworkDescription& network, EncodedContents& result) {
  result.attributes["/network"] = {{"inputs", network.inputs},
                                   {"outputs", network.outputs},
                                   {"activation", name_of(network.activation.kind)},
                                   {"slope", network.activation.slope},
                                   {"loss", name_of(network.loss)},
                                   {"bias", network.bias ? 1 : 0},
                                   {"scaling", network.scaling}};
  // Only where there is something to say: versions that do not know them read all other networks.
  json& attributes = result.attributes["/network"];
  if (network.label_smoothing != 0.0) attributes["label_smoothing"] = network.label_smoothing;
  if (network.temperature != 1.0) attributes["temperature"] = network.temperature;
  result.small.push_back(small("/network/hidden", network.hidden));
  result.small.push_back(encode_labels(network.class_labels));
  result.small.push_back(small("/network/shift", network.shift));
  result.small.push_back(small("/network/scale", network.scale));
  const Index n = network.inputs, features = network.features();
  const auto size = static_cast<Index>(network.rotation.size());
  const bool matrix = n > 0 && size / n == features && size % n == 0;
  result.small.push_back(small("/network/rotation",
                               matrix ? std::vector<Index>{n, features} : std::vector<Index>{size},
                               network.rotation.data()));
  if (!network.fill.empty()) result.small.push_back(small("/network/fill", network.fill));
  if (network.pool != 1) result.small.push_back(small("/network/pool", {}, &network.pool));
  if (network.hops != 1) result.small.push_back(small("/network/hops", {}, &network.hops));
  if (network.components_of > 0) {
    result.attributes["/network"]["features"] = features;
    if (network.rest_of_trace != 0.0) attributes["rest_of_trace"] = network.rest_of_trace;
    result.small.push_back(small("/network/eigenvalues", network.eigenvalues));
  }
  if (network.unit != 1.0) result.small.push_back(small("/network/unit", {}, &network.unit));
  if (!network.feature_names.empty())
    result.small.push_back(encode_texts("/network/feature_names", network.feature_names));
  if (network.target_names.empty()) return;
  result.small.push_back(encode_texts("/network/target_names", network.target_names));
  result.small.push_back(small("/network/target_centre", network.target_centre));
  result.small.push_back(small("/network/target_scale", network.target_scale));
  result.small.push_back(small("/network/loss_parameters", network.loss_parameters));
}

/// Reads attributes and small data sets with messages that name what is missing.
class Decoder {
 public:
  Decoder(const Catalogue& catalogue,
          const std::function<std::vector<std::uint64_t>(const DataSet&)>& read)
      : catalogue_(catalogue), read_(read) {}

  /// An integer attribute within a range.
  Index integer(const std::string& group, const std::string& name, Index least, Index most) const {
    const Index value = attribute<Index>(group, name);
    check_range("the attribute '" + name + "' of " + group, value, least, most);
    return value;
  }

  template <class T>
  T attribute(const std::string& group, const std::string& name) const {
    try {
      return catalogue_.attributes.at(group).at(name).get<T>();
    } catch (const json::exception&) {
      throw IoFailure("the attribute '" + name + "' of " + group +
                      " is missing or of a wrong type");
    }
  }

  /// An integer that is 0 where a file does not have it.
  Index optional_integer(const std::string& group, const std::string& name) const {
    return catalogue_.attributes.at(group).contains(name) ? attribute<Index>(group, name) : 0;
  }

  /// A real number that is `otherwise` where a file does not have it.
  double optional_real(const std::string& group, const std::string& name, double otherwise) const {
    return catalogue_.attributes.at(group).contains(name) ? attribute<double>(group, name)
                                                          : otherwise;
  }

  bool has(const std::string& name) const { return catalogue_.find(name) != nullptr; }

  template <class T>
  std::vector<T> values(const std::string& name, ElementType type) const {
    const DataSet* data_set = catalogue_.find(name);
    if (!data_set || data_set->type != type)
      throw IoFailure("the data set " + name + " is missing or of a wrong type");
    const std::vector<std::uint64_t> words = read_(*data_set);
    std::vector<T> result(words.size());
    if (!words.empty()) std::memcpy(result.data(), words.data(), 8 * words.size());
    return result;
  }

  bool has(const std::string& name, ElementType type) const {
    const DataSet* data_set = catalogue_.find(name);
    return data_set != nullptr && data_set->type == type;
  }

  std::vector<std::string> texts(const std::string& name) const {
    const DataSet* data_set = catalogue_.find(name);
    if (!data_set || data_set->type != ElementType::text)
      throw IoFailure("the data set " + name + " is missing or of a wrong type");
    return decode_texts(*data_set, read_(*data_set));
  }

  template <class E>
  E name(const std::string& group, const std::string& attribute_name) const {
    const std::string text = attribute<std::string>(group, attribute_name);
    E value{};
    if (!from_name(text, value))
      throw IoFailure("the attribute '" + attribute_name + "' of " + group + " is '" + text +
                      "'; this program knows " + list_of_names<E>());
    return value;
  }

 private:
  const Catalogue& catalogue_;
  const std::function<std::vector<std::uint64_t>(const DataSet&)>& read_;
};

NetworkDescription decode_network(const Decoder& from, const Catalogue& catalogue) {
  const std::string group = "/network";
  NetworkDescription network;
  network.inputs = from.attribute<Index>(group, "inputs");
  network.outputs = from.attribute<Index>(group, "outputs");
  network.activation.kind = from.name<ActivationKind>(group, "activation");
  network.activation.slope = from.attribute<double>(group, "slope");
  network.loss = from.name<Loss>(group, "loss");
  network.bias = from.integer(group, "bias", 0, 1) != 0;
  network.label_smoothing = from.optional_real(group, "label_smoothing", 0.0);
  network.temperature = from.optional_real(group, "temperature", 1.0);
  network.scaling = name_of(from.name<Scaling>(group, "scaling"));
  network.components_of = from.optional_integer(group, "features");
  network.rest_of_trace = from.optional_real(group, "rest_of_trace", 0.0);
  check_network_shapes(network, catalogue);
  network.hidden = from.values<Index>("/network/hidden", ElementType::integer);
  if (from.has(labels_name, ElementType::text)) {
    network.class_labels = from.texts(labels_name);
  } else {
    for (Index label : from.values<Index>(labels_name, ElementType::integer))
      network.class_labels.push_back(std::to_string(label));
  }
  if (from.has("/network/target_names")) {
    network.target_names = from.texts("/network/target_names");
    network.target_centre = from.values<double>("/network/target_centre", ElementType::real);
    network.target_scale = from.values<double>("/network/target_scale", ElementType::real);
    network.loss_parameters = from.values<double>("/network/loss_parameters", ElementType::real);
  }
  network.shift = from.values<double>("/network/shift", ElementType::real);
  network.scale = from.values<double>("/network/scale", ElementType::real);
  network.rotation = from.values<double>("/network/rotation", ElementType::real);
  if (from.has("/network/fill"))
    network.fill = from.values<double>("/network/fill", ElementType::real);
  if (from.has("/network/pool"))
    network.pool = from.values<Index>("/network/pool", ElementType::integer).front();
  if (from.has("/network/hops"))
    network.hops = from.values<Index>("/network/hops", ElementType::integer).front();
  if (network.components_of > 0)
    network.eigenvalues = from.values<double>("/network/eigenvalues", ElementType::real);
  if (from.has("/network/unit"))
    network.unit = from.values<double>("/network/unit", ElementType::real).front();
  if (from.has("/network/feature_names"))
    network.feature_names = from.texts("/network/feature_names");
  check_network(network, catalogue);
  return network;
}

/// A list of two integers from 0 on.
template <class T>
void decode_pair(const Decoder& from, const std::string& name, T& first, T& second) {
  const auto pair = from.attribute<std::vector<Index>>("/", name);
  if (pair.size() != 2) throw IoFailure("the attribute '" + name + "' of / must be two numbers");
  for (Index value : pair)
    check_range("the attribute '" + name + "' of /", value, 0, std::numeric_limits<int>::max());
  first = static_cast<T>(pair[0]);
  second = static_cast<T>(pair[1]);
}

CheckpointOrigin decode_origin(const Decoder& from) {
  CheckpointOrigin origin;
  origin.created_utc = from.attribute<std::string>("/", "created_utc");
  origin.ranks = static_cast<int>(from.integer("/", "ranks", 0, std::numeric_limits<int>::max()));
  decode_pair(from, "grid", origin.grid_rows, origin.grid_cols);
  decode_pair(from, "block", origin.row_block, origin.col_block);
  return origin;
}

}  // namespace

EncodedContents encode(const CheckpointContents& contents) {
  const CheckpointOrigin& origin = contents.origin;
  const bool in_a_pass = contents.steps != 0;
  ADMMNET_REQUIRE(!in_a_pass || (contents.steps > 0 && contents.steps < contents.steps_of_pass),
                  "checkpoint: no place in a pass: " + contents.progress());
  EncodedContents result;
  result.attributes["/"] = {
      {"format", format_name},
      {"format_version", {in_a_pass ? format_major_in_a_pass : format_major, format_minor}},
      {"program", contents.program},
      {"created_utc", origin.created_utc},
      {"ranks", origin.ranks},
      {"grid", {origin.grid_rows, origin.grid_cols}},
      {"block", {origin.row_block, origin.col_block}},
      {"iteration", contents.iteration},
      {"finished", contents.finished ? 1 : 0},
      {"stop_reason", contents.stop_reason},
      {"deck", contents.deck}};
  if (in_a_pass) {
    result.attributes["/"]["steps"] = contents.steps;
    result.attributes["/"]["steps_of_pass"] = contents.steps_of_pass;
  }
  result.attributes["/notes"] = contents.notes;
  encode_network(contents.network, result);
  for (const auto& [column, values] : contents.history)
    result.small.push_back(small(history_group + column, values));
  encode_state(contents.state, result);
  return result;
}

CheckpointContents decode(const Catalogue& catalogue,
                          const std::function<std::vector<std::uint64_t>(const DataSet&)>& read) {
  const Decoder from(catalogue, read);
  CheckpointContents contents;
  contents.iteration = from.attribute<Index>("/", "iteration");
  contents.steps = from.optional_integer("/", "steps");
  contents.steps_of_pass = from.optional_integer("/", "steps_of_pass");
  contents.program = from.attribute<std::string>("/", "program");
  contents.deck = from.attribute<std::string>("/", "deck");
  contents.finished = from.integer("/", "finished", 0, 1) != 0;
  contents.stop_reason = from.attribute<std::string>("/", "stop_reason");
  check_progress(contents, catalogue);
  contents.network = decode_network(from, catalogue);
  if (catalogue.minor_version() >= 1) check_weights(contents.network, catalogue);
  contents.origin = decode_origin(from);
  const json& notes = catalogue.attributes.at("/notes");
  for (const auto& [name, text] : notes.items())
    contents.notes[name] = from.attribute<std::string>("/notes", name);
  for (const DataSet& data_set : catalogue.data_sets)
    if (data_set.name.rfind(history_group, 0) == 0)
      contents.history.emplace_back(data_set.name.substr(std::strlen(history_group)),
                                    from.values<double>(data_set.name, ElementType::real));
  check_history(contents);
  return contents;
}

}  // namespace admmnet
