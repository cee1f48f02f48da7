#include "checkpoint/inspect.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iomanip>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "checkpoint/store.h"
#include "config/names.h"
#include "linalg/symmetric_eigen.h"
#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/files.h"

namespace admmnet {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

void line(std::ostream& out, const std::string& key, const std::string& value) {
  out << std::left << std::setw(14) << key + ": " << value << "\n";
}

std::string widths(const NetworkDescription& network) {
  std::string text = std::to_string(network.inputs);
  for (Index width : network.hidden) text += " - " + std::to_string(width);
  return text + " - " + std::to_string(network.outputs);
}

std::string grid_text(const CheckpointOrigin& origin) {
  return std::to_string(origin.ranks) + (origin.ranks == 1 ? " rank" : " ranks") + ", grid " +
         std::to_string(origin.grid_rows) + " x " + std::to_string(origin.grid_cols) + ", block " +
         std::to_string(origin.row_block) + " x " + std::to_string(origin.col_block);
}

/// The history's last row: the state of the run in numbers, without what the run does not have.
std::string last_row(const CheckpointContents& contents) {
  std::ostringstream out;
  out << std::setprecision(6);
  for (const auto& [column, values] : contents.history)
    if (std::any_of(values.begin(), values.end(), [](double v) { return !std::isnan(v); }))
      out << (out.tellp() > 0 ? ", " : "") << column << " " << values.back();
  return out.str();
}

/// ": a, b, c and 12 more", or nothing.
std::string named(const std::vector<std::string>& names) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i)
    text += (i == 0 ? ": " : ", ") + names[i];
  if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
  return text;
}

/// The name and the number, or nothing where it is `usual`.
std::string number_unless(double usual, const char* name, double value) {
  std::ostringstream out;
  out << name << std::setprecision(6) << value;
  return value == usual ? "" : out.str();
}

void print_contents(std::ostream& out, const CheckpointContents& contents) {
  const NetworkDescription& network = contents.network;
  line(out, "iteration", contents.progress());
  line(out, "run",
       contents.ended() ? "finished (" + contents.stop_reason + ")"
                        : "to be continued" + (contents.stop_reason.empty()
                                                   ? std::string()
                                                   : " (" + contents.stop_reason + ")"));
  line(out, "program", contents.program);
  line(out, "written", contents.origin.created_utc + " on " + grid_text(contents.origin));
  line(out, "network",
       widths(network) + ", " + name_of(network.activation.kind) + ", " + name_of(network.loss) +
           (network.bias ? "" : ", no bias") +
           number_unless(0.0, ", label smoothing ", network.label_smoothing) +
           number_unless(1.0, ", temperature ", network.temperature));
  line(out, "inputs",
       "scaling " + network.scaling +
           (network.pool == 1 ? ""
                              : ", images averaged over " + std::to_string(network.pool) + " x " +
                                    std::to_string(network.pool) + " pixels") +
           (network.hops == 1 ? ""
                              : ", " + std::to_string(network.hops) + " hops of a graph's nodes") +
           named(network.feature_names));
  if (!network.eigenvalues.empty())
    line(out, "components",
         kept_text(network.inputs, network.features(), network.eigenvalues, network.rest_of_trace));
  if (network.target_names.empty())
    line(out, "classes", std::to_string(network.class_labels.size()) + named(network.class_labels));
  else
    line(out, "real targets",
         std::to_string(network.target_names.size()) + named(network.target_names));
  const std::string row = last_row(contents);
  if (!row.empty()) line(out, "last values", row);
  for (const auto& [name, text] : contents.notes) line(out, name, text);
}

void print_data_sets(std::ostream& out, const Catalogue& catalogue) {
  out << "\n"
      << std::left << std::setw(40) << "data set" << std::setw(20) << "shape" << std::setw(6)
      << "type" << std::right << std::setw(14) << "bytes"
      << "  checksum\n";
  for (const DataSet& d : catalogue.data_sets)
    out << std::left << std::setw(40) << d.name << std::setw(20) << shape_text(d.shape)
        << std::setw(6) << type_text(d) << std::right << std::setw(14) << d.bytes() << "  "
        << std::hex << std::setfill('0') << std::setw(16) << d.checksum << std::dec
        << std::setfill(' ') << "\n";
}

void indent_deck(std::ostream& out, const std::string& deck) {
  out << "\ndeck:\n";
  std::istringstream in(deck);
  for (std::string text; std::getline(in, text);) out << "  " << text << "\n";
}

json data_sets_as_json(const Catalogue& catalogue) {
  json list = json::array();
  for (const DataSet& d : catalogue.data_sets)
    list.push_back({{"name", d.name},
                    {"shape", d.shape},
                    {"type", type_text(d)},
                    {"offset", d.offset},
                    {"checksum", d.checksum}});
  return list;
}

/// Damaged text must not stop a report: what is no UTF-8 is replaced.
std::string dumped(const json& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Inspection inspect_file(const std::string& path, MPI_Comm comm) {
  Inspection result;
  std::ostringstream out;
  json report{{"file", path}};
  line(out, "file", path);
  try {
    const CheckpointFile file = CheckpointFile::open(path, comm);
    const Catalogue& catalogue = file.catalogue();
    report["bytes"] = catalogue.file_bytes;
    report["attributes"] = catalogue.attributes;
    report["data_sets"] = data_sets_as_json(catalogue);
    std::string damage;
    try {
      file.require_network();
      file.verify();
      result.valid = true;
    } catch (const Error& error) {
      damage = error.what();
      report["reason"] = damage;
    }
    line(out, "valid", result.valid ? "yes, all checksums hold" : "no: " + damage);
    line(out, "bytes", std::to_string(catalogue.file_bytes));
    print_contents(out, file.contents());
    report["classes"] = file.contents().network.class_labels;
    report["targets"] = file.contents().network.target_names;
    report["features"] = file.contents().network.feature_names;
    print_data_sets(out, catalogue);
    indent_deck(out, file.contents().deck);
  } catch (const Error& error) {
    if (error.code() != ExitCode::io_failure) throw;
    line(out, "valid", std::string("no: ") + error.what());
    report["reason"] = error.what();
  }
  report["valid"] = result.valid;
  result.text = out.str();
  result.json = dumped(report);
  return result;
}

/// Names of the runs that have left checkpoints, complete or not, in a folder; on every rank.
std::set<std::string> runs_in(const std::string& dir, MPI_Comm comm) {
  std::string list;
  collectively(comm, [&] {
    if (rank_of(comm) != 0) return;
    for (const std::string& file : names_in(dir)) {
      const std::size_t middle = file.rfind(".ckpt.");
      if (middle != std::string::npos) list += file.substr(0, middle) + "\n";
    }
  });
  std::istringstream in(broadcast(list, 0, comm));
  std::set<std::string> names;
  for (std::string name; std::getline(in, name);) names.insert(name);
  return names;
}

json inspect_run(const std::string& dir, const std::string& name, MPI_Comm comm,
                 std::ostream& out) {
  const CheckpointStore store(dir, name, comm);
  const CheckpointStore::Choice choice = store.newest_valid();
  json report{{"name", name}, {"refused", choice.refused}, {"remark", choice.remark}};
  line(out, "run", name);
  line(out, "  takes",
       choice.file ? choice.file->path() + ", the newest valid checkpoint"
                   : "nothing: there is no valid checkpoint");
  report["takes"] = choice.file ? json(choice.file->path()) : json();
  if (choice.file) {
    report["iteration"] = choice.file->contents().iteration;
    report["steps"] = choice.file->contents().steps;
  }
  for (const std::string& reason : choice.refused) line(out, "  refuses", reason);
  if (!choice.remark.empty()) line(out, "  remark", choice.remark);
  for (const CheckpointStore::Candidate& candidate : store.candidates())
    if (choice.file && candidate.position < choice.file->contents().position())
      line(out, "  older", candidate.path);
  return report;
}

Inspection inspect_folder(const std::string& dir, MPI_Comm comm) {
  Inspection result;
  std::ostringstream out;
  json runs = json::array();
  for (const std::string& name : runs_in(dir, comm))
    runs.push_back(inspect_run(dir, name, comm, out));
  result.valid = !runs.empty();
  for (const json& run : runs) result.valid = result.valid && !run.at("takes").is_null();
  if (runs.empty()) out << "no checkpoints in " << dir << "\n";
  result.text = out.str();
  result.json = dumped({{"folder", dir}, {"runs", runs}, {"valid", result.valid}});
  return result;
}

}  // namespace

Inspection inspect(const std::string& path, MPI_Comm comm) {
  int kind = 0;  // 1: a folder, 2: anything else that exists
  if (rank_of(comm) == 0 && file_exists(path)) {
    std::error_code ignored;
    kind = fs::is_directory(path, ignored) ? 1 : 2;
  }
  ADMMNET_MPI(MPI_Bcast(&kind, 1, MPI_INT, 0, comm));
  if (kind == 0)
    throw BadInput("there is no " + path + ": give a checkpoint or the folder of a run");
  return kind == 1 ? inspect_folder(path, comm) : inspect_file(path, comm);
}

}  // namespace admmnet
