#include <cstdio>

#include "checkpoint/checkpoint_file.h"
#include "commands/commands.h"
#include "commands/report.h"
#include "commands/topology.h"
#include "runtime/files.h"
#include "runtime/log.h"

namespace admmnet {
namespace {

constexpr Index kColumnsPerPanel = 2500;
constexpr Index kUnitBlock = 64;

/// sample,predicted with the labels as they stand in the data.
std::string as_csv(const Prediction& prediction, const std::vector<int>& class_labels) {
  std::string text = "sample,predicted\n";
  for (std::size_t i = 0; i < prediction.classes.size(); ++i)
    text += std::to_string(i) + "," +
            std::to_string(class_labels[static_cast<std::size_t>(prediction.classes[i])]) + "\n";
  return text;
}

}  // namespace

ExitCode run_predict(const Options& options, MPI_Comm comm) {
  // 1. the grid: samples are dealt out to all ranks; each layer's weights to all of them too
  const int rows = options.grid.rows.value_or(1);
  const ProcessGrid grid(comm, rows, size_of(comm) / rows);
  if (!grid.contains_this_rank()) return ExitCode::finished;  // left over: the others do the work
  Log log(grid.comm());

  // 2. the network and the samples
  const CheckpointFile file = CheckpointFile::open(options.run.model, grid.comm());
  const NetworkDescription& description = file.contents().network;
  const Topology topology = topology_of(description);
  const DataShape shape =
      probe_test(options.data, description.inputs, description.class_labels, grid.comm());
  for (const std::string& note : shape.notes) log.line("note: " + note);
  PanelLayout layout;
  layout.unit_block = options.grid.block.value_or(kUnitBlock);
  layout.bias = topology.bias;
  layout.evaluation_columns = kColumnsPerPanel;
  const SampleSet samples =
      load_test(options.data, shape, preprocessing_of(description), grid, layout);
  Network network(grid, topology, layout.unit_block);
  StateView view;
  network.append_state("", view);
  file.load_state(view);

  // 3. predict and write
  const auto classes = static_cast<Index>(description.class_labels.size());
  const Prediction prediction = predict(network, samples, classes);
  const std::string path = output_path(options.run, ".predictions.csv");
  collectively(grid.comm(), [&] {
    if (grid.rank() != 0) return;
    make_directory(options.run.outdir);
    write_text_atomically(path, as_csv(prediction, description.class_labels));
  });
  log.value("network",
            topology.text() + " of iteration " + std::to_string(file.contents().iteration));
  log.value("samples", samples.samples);
  if (prediction.metrics.samples > 0) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4f %%", 100.0 * prediction.metrics.accuracy);
    log.value("accuracy", std::string(text));
    log.value("mean loss", prediction.metrics.loss);
  } else {
    log.value("accuracy", std::string("unknown, no labels"));
  }
  log.value("predictions", path);
  return ExitCode::finished;
}

}  // namespace admmnet
