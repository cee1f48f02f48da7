#include "checkpoint/checkpoint_file.h"
#include "commands/commands.h"
#include "commands/report.h"
#include "commands/topology.h"
#include "config/names.h"
#include "data/storage.h"
#include "runtime/files.h"
#include "runtime/log.h"

namespace admmnet {
namespace {

constexpr Index kColumnsPerPanel = 2500;
constexpr Index kUnitBlock = 64;

/// The samples are made what the network was trained on, whatever the deck says of that.
DataOptions as_in_training(DataOptions data, const Preprocessing& preprocessing, Log& log) {
  const std::string squares =
      std::to_string(preprocessing.pool) + " x " + std::to_string(preprocessing.pool) + " pixels";
  if (data.pool != 1 && data.pool != preprocessing.pool)
    throw BadInput(
        "-data_pool " + std::to_string(data.pool) + ": the network was trained on " +
        (preprocessing.pool == 1 ? "images as they are" : "images averaged over " + squares) +
        "; leave the key out");
  if (preprocessing.pool != 1)
    log.line("note: images are averaged over " + squares + ", as in training");
  data.pool = preprocessing.pool;
  if (preprocessing.hops > 1 && data.graph.empty())
    throw BadInput(
        "-data_graph is not set, and the network was trained on a graph's nodes with "
        "their neighbours; name the graph");
  if (!data.graph.empty() && data.hops != DataOptions().hops && data.hops != preprocessing.hops)
    throw BadInput("-data_hops " + std::to_string(data.hops) + ": the network was trained with " +
                   std::to_string(preprocessing.hops) + "; leave the key out");
  if (!data.graph.empty() && data.hops != preprocessing.hops)
    log.line("note: inputs are " + std::to_string(preprocessing.hops) +
             " blocks (-data_hops), as in training");
  data.hops = preprocessing.hops;
  return data;
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
  file.require_network();
  const NetworkDescription& description = file.contents().network;
  const Topology topology = topology_of(description);
  if (options.run.probabilities && topology.loss != Loss::softmax)
    throw BadInput("-run_probabilities: the network was trained with -net_loss " +
                   name_of(topology.loss) +
                   ", whose outputs are no probabilities; leave the key out, or train with "
                   "-net_loss softmax");
  const Preprocessing preprocessing = preprocessing_of(description);
  DataOptions data = as_in_training(options.data, preprocessing, log);
  const DataShape shape = probe_test(data,
                                     {description.features(), description.class_labels,
                                      description.feature_names, description.target_names},
                                     grid.comm());
  data.storage = choose_storage(data, shape, preprocessing);
  for (const std::string& note : shape.notes) log.line("note: " + note);
  PanelLayout layout;
  layout.unit_block = options.grid.block.value_or(kUnitBlock);
  layout.bias = topology.bias;
  layout.evaluation_columns = kColumnsPerPanel;
  const SampleSet samples = load_test(data, shape, preprocessing, grid, layout);
  Network network(grid, topology, layout.unit_block);
  StateView view;
  network.append_state("", view);
  file.load_state(view);

  // 3. predict and write
  const auto classes = static_cast<Index>(description.class_labels.size());
  const Calibration calibration = calibration_of(description);
  const Prediction prediction = predict(network, samples, classes, calibration,
                                        options.run.probabilities || topology.is_regression());
  const std::string path = output_path(options.run, ".predictions.csv");
  collectively(grid.comm(), [&] {
    if (grid.rank() != 0) return;
    make_directory(options.run.outdir);
    write_text_atomically(path, network.objective().as_csv(prediction, description.class_labels,
                                                           shape.test_file.classes));
  });
  log.value("network",
            topology.text() + " of iteration " + std::to_string(file.contents().iteration));
  log.value("samples", samples.samples);
  if (calibration.temperature != 1.0)
    log.value("temperature of the logits", calibration.temperature);
  const Score& score = network.objective().score();
  if (prediction.metrics.samples > 0) {
    log.value(score.name, score.text(prediction.metrics.score, 4));
    log.value("mean loss", prediction.metrics.loss);
  } else {
    log.value(score.name, std::string("unknown, no labels"));
  }
  log_target_errors(prediction.errors, description.target_names, "", log);
  log.value("predictions", path);
  return ExitCode::finished;
}

}  // namespace admmnet
