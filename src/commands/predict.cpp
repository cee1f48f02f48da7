#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <optional>

#include "checkpoint/checkpoint_file.h"
#include "commands/commands.h"
#include "commands/ensemble.h"
#include "commands/report.h"
#include "commands/topology.h"
#include "config/names.h"
#include "data/row_file.h"
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

PredictedValues values_asked_for(const RunOptions& run) {
  if (run.probabilities && run.scores)
    throw BadInput(
        "-run_probabilities: -run_scores is true as well, and the predictions have columns for one "
        "of the two; leave one out");
  return run.probabilities ? PredictedValues::probabilities
         : run.scores      ? PredictedValues::scores
                           : PredictedValues::none;
}

/// The samples as networks of one preprocessing take them.
struct Samples {
  NetworkDescription description;  ///< of the first of those networks
  DataShape shape;
  SampleSet set;

  bool serve(const NetworkDescription& other) const {
    const NetworkDescription& own = description;
    return other.class_labels == own.class_labels && other.feature_names == own.feature_names &&
           other.target_names == own.target_names && other.bias == own.bias &&
           preprocessing_of(other) == preprocessing_of(own);
  }
};

/// What one network says of the samples, and of which ones.
struct Answer {
  NetworkDescription description;
  Calibration calibration;
  Index iteration = 0;
  Index samples = 0;
  std::vector<int> classes;  ///< classes_of_test
  Prediction prediction;
};

void check_probabilities(const RunOptions& run, Loss loss) {
  if (run.probabilities && loss != Loss::softmax)
    throw BadInput("-run_probabilities: the network was trained with -net_loss " + name_of(loss) +
                   ", whose outputs are no probabilities; leave the key out, or train with "
                   "-net_loss softmax");
}

/// Reads the samples for this network. Collective on the grid.
Samples read_samples(const NetworkDescription& description, const Options& options,
                     const ProcessGrid& grid, Log& log) {
  const Preprocessing preprocessing = preprocessing_of(description);
  DataOptions data = as_in_training(options.data, preprocessing, log);
  Samples samples{description,
                  probe_test(data,
                             {description.features(), description.class_labels,
                              description.feature_names, description.target_names},
                             grid.comm()),
                  {}};
  data.storage = choose_storage(data, samples.shape, preprocessing);
  for (const std::string& note : samples.shape.notes) log.line("note: " + note);
  PanelLayout layout;
  layout.unit_block = options.grid.block.value_or(kUnitBlock);
  layout.bias = topology_of(description).bias;
  layout.evaluation_columns = kColumnsPerPanel;
  samples.set = load_test(data, samples.shape, preprocessing, grid, layout);
  return samples;
}

/// Loads a network and, unless those that are there serve it, the samples, and applies it.
/// `of_several`: its values are needed, whether or not they are asked for. Collective on the grid.
Answer ask(const std::string& model, const Options& options, PredictedValues kind, bool of_several,
           const ProcessGrid& grid, std::optional<Samples>& samples, Log& log) {
  const CheckpointFile file = CheckpointFile::open(model, grid.comm());
  file.require_network();
  Answer answer;
  answer.description = file.contents().network;
  answer.iteration = file.contents().iteration;
  const NetworkDescription& description = answer.description;
  const Topology topology = topology_of(description);
  check_probabilities(options.run, topology.loss);
  if ((of_several || topology.is_regression()) && kind == PredictedValues::none)
    kind = values_of(topology.loss);
  if (!samples || !samples->serve(description)) {
    samples.reset();  // before the others are there
    samples = read_samples(description, options, grid, log);
  }
  Network network(grid, topology, options.grid.block.value_or(kUnitBlock));
  StateView view;
  network.append_state("", view);
  file.load_state(view);
  const SampleSet& set = samples->set;
  answer.samples = set.samples;
  answer.classes = classes_of_test(samples->shape);
  answer.calibration = calibration_of(description);
  answer.prediction = predict(network, set, static_cast<Index>(description.class_labels.size()),
                              answer.calibration, kind, [&](Index done) {
                                log.progress("predicted: " + std::to_string(done) + " of " +
                                             std::to_string(set.samples) + " samples");
                              });
  return answer;
}

/// Adds what another network says to what the first ones do.
void add(const Answer& other, const std::string& model, Answer& sum) {
  const auto refuse = [&](bool differs, const std::string& what) {
    if (differs)
      throw BadInput("-run_model: " + model + " has " + what +
                     " than the networks before it, so there is no mean of them");
  };
  refuse(other.description.class_labels != sum.description.class_labels, "other classes");
  refuse(other.description.target_names != sum.description.target_names, "other targets");
  refuse(other.description.loss_parameters.size() != sum.description.loss_parameters.size(),
         "another number of outputs");
  refuse(other.description.loss != sum.description.loss, "another loss");
  refuse(other.classes != sum.classes, "other samples to predict for");
  std::transform(sum.prediction.values.begin(), sum.prediction.values.end(),
                 other.prediction.values.begin(), sum.prediction.values.begin(), std::plus<>());
}

std::vector<int> labels_of_selected(const std::vector<int>& classes) {
  std::vector<int> labels;
  std::copy_if(classes.begin(), classes.end(), std::back_inserter(labels),
               [](int label) { return label != kNotSelected; });
  return labels;
}

/// NAME.predictions.h5, a row a sample in the order of the file: /sample is its place there, from 0
/// (those that are left out have no row), /predicted its class, or with real targets a number an
/// output; /probabilities or /scores a number an output, where they are asked for.
void write_hdf5(const std::string& path, const Answer& answer,
                const std::vector<std::string>& names, const ProcessGrid& grid) {
  std::vector<Index> selected, places;
  for (std::size_t i = 0; i < answer.classes.size(); ++i)
    if (answer.classes[i] != kNotSelected) selected.push_back(static_cast<Index>(i));
  const Prediction& prediction = answer.prediction;
  for (const Index sample : prediction.samples)
    places.push_back(selected[static_cast<std::size_t>(sample)]);
  const std::vector<std::string>& classes = answer.description.class_labels;
  std::vector<RowSet> sets{{"/sample", &places}};
  if (!classes.empty())
    sets.push_back({"/predicted", nullptr, nullptr, &prediction.classes, classes});
  if (prediction.kind != PredictedValues::none)
    sets.push_back({classes.empty()                              ? "/predicted"
                    : prediction.kind == PredictedValues::scores ? "/scores"
                                                                 : "/probabilities",
                    nullptr, &prediction.values, nullptr, names});
  write_row_file(path, answer.samples, prediction.samples, sets, grid.comm());
}

/// Returns the name of the file. Collective on the grid.
std::string write(const Options& options, const Answer& answer, const ProcessGrid& grid) {
  const Topology topology = topology_of(answer.description);
  const auto objective = make_objective(topology);
  const std::vector<std::string>& classes = answer.description.class_labels;
  collectively(grid.comm(), [&] {
    if (grid.rank() == 0) make_directory(options.run.outdir);
  });
  if (options.run.prediction_format == PredictionFormat::hdf5) {
    const std::string path = output_path(options.run, ".predictions.h5");
    write_hdf5(path, answer,
               objective->value_names(classes, static_cast<std::size_t>(topology.outputs())), grid);
    return path;
  }
  const std::string path = output_path(options.run, ".predictions.csv");
  const Prediction whole = on_first_rank(answer.prediction, grid);
  collectively(grid.comm(), [&] {
    if (grid.rank() == 0)
      write_text_atomically(path,
                            objective->as_csv(whole, classes, answer.classes, /*labels=*/false));
  });
  return path;
}

/// `file`: where there are several.
void log_network(const Answer& answer, const std::string& file, Log& log) {
  log.value("network", topology_of(answer.description).text() + " of iteration " +
                           std::to_string(answer.iteration) + (file.empty() ? "" : " in " + file));
  if (answer.calibration.temperature != 1.0)
    log.value("temperature of the logits", answer.calibration.temperature);
}

void log_score(const Prediction& prediction, const Score& score, Log& log) {
  if (prediction.metrics.samples == 0) {
    log.value(score.name, std::string("unknown, no labels"));
    return;
  }
  log.value(score.name, score.text(prediction.metrics.score, 4));
  if (!std::isnan(prediction.metrics.loss)) log.value("mean loss", prediction.metrics.loss);
}

}  // namespace

ExitCode run_predict(const Options& options, MPI_Comm comm) {
  const PredictedValues values = values_asked_for(options.run);

  // 1. the grid: samples are dealt out to all ranks; each layer's weights to all of them too
  const int rows = options.grid.rows.value_or(1);
  const ProcessGrid grid(comm, rows, size_of(comm) / rows);
  if (!grid.contains_this_rank()) return ExitCode::finished;  // left over: the others do the work
  Log log(grid.comm());

  // 2. what each network says
  const std::vector<std::string> models = model_files(options.run.model, grid.comm());
  const bool several = models.size() > 1;
  std::optional<Samples> samples;
  const auto ask_one = [&](const std::string& model) {
    try {
      Answer answer = ask(model, options, values, several, grid, samples, log);
      log_network(answer, several ? model : "", log);
      return answer;
    } catch (const BadInput& error) {
      if (!several) throw;
      throw BadInput("-run_model: for " + model + ": " + error.what());
    }
  };
  Answer answer = ask_one(models.front());
  for (std::size_t i = 1; i < models.size(); ++i) add(ask_one(models[i]), models[i], answer);
  if (several)
    take_mean(static_cast<Index>(models.size()),
              static_cast<Index>(answer.description.class_labels.size()),
              labels_of_selected(answer.classes), grid, answer.prediction);
  if (values == PredictedValues::none && answer.description.target_names.empty()) {
    answer.prediction.values.clear();
    answer.prediction.kind = PredictedValues::none;
  }

  // 3. write
  const std::string path = write(options, answer, grid);
  if (several) log.value("networks", models.size());
  log.value("samples", answer.samples);
  log_score(answer.prediction, make_objective(topology_of(answer.description))->score(), log);
  log_target_errors(answer.prediction.errors, answer.description.target_names, "", log);
  log.value("predictions", path);
  return ExitCode::finished;
}

}  // namespace admmnet
