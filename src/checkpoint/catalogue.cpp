#include "checkpoint/catalogue.h"

namespace admmnet {

const DataSet* Catalogue::find(const std::string& name) const {
  for (const DataSet& data_set : data_sets)
    if (data_set.name == name) return &data_set;
  return nullptr;
}

std::string shape_text(const std::vector<Index>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + ")";
}

const char* type_text(ElementType type) {
  return type == ElementType::real ? "f64" : "i64";
}

std::string packed(const Catalogue& catalogue) {
  nlohmann::json list = nlohmann::json::array();
  for (const DataSet& d : catalogue.data_sets)
    list.push_back({d.name, d.shape, static_cast<int>(d.type), d.offset, d.checksum});
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
    catalogue.data_sets.push_back(std::move(d));
  }
  return catalogue;
}

}  // namespace admmnet
