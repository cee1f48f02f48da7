#include "checkpoint/catalogue.h"

#include <algorithm>

namespace admmnet {

Index DataSet::elements() const {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;  // others may be absurd
  Index product = 1;
  for (Index extent : shape) product *= extent;
  return product;
}

const DataSet* Catalogue::find(const std::string& name) const {
  for (const DataSet& data_set : data_sets)
    if (data_set.name == name) return &data_set;
  return nullptr;
}

Index Catalogue::major_version() const {
  return attributes.at("/").at("format_version").at(0).get<Index>();
}

Index Catalogue::minor_version() const {
  return attributes.at("/").at("format_version").at(1).get<Index>();
}

std::string shape_text(const std::vector<Index>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + ")";
}

const char* type_text(ElementType type) {
  return type == ElementType::real ? "f64" : type == ElementType::integer ? "i64" : "text";
}

std::string type_text(const DataSet& data_set) {
  return data_set.type == ElementType::text ? "s" + std::to_string(8 * data_set.width)
                                            : type_text(data_set.type);
}

bool read_type(const std::string& text, DataSet& data_set) {
  constexpr Index widest = 32;
  data_set.type = text == "f64" ? ElementType::real : ElementType::integer;
  data_set.width = 1;
  if (text == "f64" || text == "i64") return true;
  data_set.type = ElementType::text;
  for (data_set.width = 1; data_set.width <= widest; ++data_set.width)
    if (text == type_text(data_set)) return true;
  return false;
}

std::string packed(const Catalogue& catalogue) {
  nlohmann::json list = nlohmann::json::array();
  for (const DataSet& d : catalogue.data_sets)
    list.push_back({d.name, d.shape, static_cast<int>(d.type), d.offset, d.checksum, d.width});
  const nlohmann::json all{{"attributes", catalogue.attributes},
                           {"data_sets", std::move(list)},
                           {"file_bytes", catalogue.file_bytes}};
  std::string text;
  nlohmann::json::to_cbor(all, text);
  return text;
}

Catalogue unpacked(const std::string& text) {
  const nlohmann::json all = nlohmann::json::from_cbor(text);
  Catalogue catalogue;
  catalogue.attributes = all.at("attributes");
  catalogue.file_bytes = all.at("file_bytes");
  for (const nlohmann::json& item : all.at("data_sets")) {
    DataSet d;
    d.name = item[0].get<std::string>();
    d.shape = item[1].get<std::vector<Index>>();
    d.type = static_cast<ElementType>(item[2].get<int>());
    d.offset = item[3];
    d.checksum = item[4];
    d.width = item[5];
    catalogue.data_sets.push_back(std::move(d));
  }
  return catalogue;
}

}  // namespace admmnet
