/// The table of contents of a checkpoint file, free of HDF5: attributes and data sets with the
/// place of their elements in the file. Rank 0 reads it and tells the others; then every rank moves
/// its own elements from or to the file.
///
///   /                    attributes: format, format_version, program, created_utc, ranks, grid,
///                        block, iteration, finished, stop_reason, deck, complete (1: written to
///                        the end); in the middle of a pass: steps, steps_of_pass
///   /state/<path>        tensors of shape (cols, rows): the column-major matrix as it lies in
///                        memory; numbers of shape ()
///   /network             attributes: inputs, outputs, activation, slope, loss, bias, scaling;
///                        where they are not 0 and 1: label_smoothing, temperature; data sets:
///                        hidden, class_labels (integers or names), shift, scale,
///                        rotation; where there is something to say: fill (what stands for
///                        missing values), pool, hops (of a graph), unit (of the scaling sqn),
///                        feature_names; of real targets, whose class_labels are
///                        none: target_names, target_centre, target_scale and
///                        loss_parameters (one an output); and
///                        where the inputs are components of the features the attribute features,
///                        their number, and the data set eigenvalues (all, or the largest ones and
///                        the attribute rest_of_trace, the sum of the others)
///   /history/<column>    one value an iteration; `iteration` counts from 1
///   /notes               attributes, free text
///   /index               name, shape, type and checksum (element_hash.h) of every data set above;
///                        attributes: checksum: that of the index itself; attributes_checksum:
///                        that of all attributes of /, /network and /notes (attribute_rules.h)
///
/// Every element has eight bytes, little-endian: IEEE double or signed integer; names are UTF-8
/// text of a multiple of eight bytes, filled up with zeros. All of it lies in the file itself: no
/// external or soft links, no virtual data sets, no external files.
///
/// Minor versions: 1.0 has no attributes_checksum. 1.1 has; and /state/layer_<l>/W and b have the
/// shapes that /network says, which in 1.0 is looked at only when the network is used. 2.1 is 1.1
/// in the middle of a pass: programs that would take it for the end of one know 1.x only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "runtime/types.h"

namespace admmnet {

constexpr const char* format_name = "admmnet-checkpoint";
constexpr int format_major = 1;            ///< at the end of a pass
constexpr int format_major_in_a_pass = 2;  ///< in the middle of one; no others can be read
constexpr int format_minor = 1;            ///< a newer minor version only adds
constexpr Index most_data_sets = 100000;

enum class ElementType { real, integer, text };

struct DataSet {
  std::string name;          ///< full path in the file
  std::vector<Index> shape;  ///< slowest dimension first; empty for a single number
  ElementType type = ElementType::real;
  Index width = 1;    ///< words of eight bytes in an element; more than one for text only
  Index offset = -1;  ///< of the first element in the file, bytes; -1 without elements
  std::uint64_t checksum = 0;

  Index elements() const;
  Index words() const { return width * elements(); }
  Index bytes() const { return 8 * words(); }
};

/// A data set that rank 0 holds as a whole.
struct SmallDataSet {
  DataSet header;
  std::vector<std::uint64_t> words;  ///< the elements' bits
};

struct Catalogue {
  /// By group ("/", "/network", "/notes") and name: text, an integer, a list of integers, or a
  /// double.
  nlohmann::json attributes;
  std::vector<DataSet> data_sets;
  Index file_bytes = 0;

  const DataSet* find(const std::string& name) const;  ///< nullptr when there is none
  Index major_version() const;                         ///< of the format
  Index minor_version() const;
};

std::string shape_text(const std::vector<Index>& shape);  ///< "(785, 1000)", "()"
const char* type_text(ElementType type);                  ///< "f64", "i64", "text"
std::string type_text(const DataSet& data_set);           ///< "f64", "i64", "s16"
/// Type and width from such a text; false when there is no such type.
bool read_type(const std::string& text, DataSet& data_set);

/// One string for a broadcast, and back.
std::string packed(const Catalogue& catalogue);
Catalogue unpacked(const std::string& text);

}  // namespace admmnet
