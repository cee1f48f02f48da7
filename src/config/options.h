/// Every option of a run as plain typed values: the result of reading and checking a deck.
///
/// A leaf: plain structs only, so that any room may take its part of them. The schema table
/// (config/schema.cpp) fills them and holds the documentation, defaults, units and ranges.
/// A value of std::optional that is empty means "auto": the program chooses and logs the choice.
#pragma once

#include <any>
#include <map>
#include <optional>
#include <string>
#include <typeindex>
#include <utility>
#include <vector>

#include "linalg/precision.h"
#include "proximal/activation.h"
#include "proximal/loss.h"
#include "runtime/types.h"

namespace admmnet {

enum class Task { classification, regression };
enum class Scaling { none, unit, centred, standard, deviation, sqn, whiten };
enum class Storage { dense, sparse };
enum class Header { automatic, yes, no };
enum class Missing { refuse, drop, mean };
enum class SamplePart { train, test };
enum class InitScheme { automatic, he, xavier, lecun, normal, uniform, zero, receptive_fields };
enum class InitBias { zero, data };
enum class Growth { none, samples, widths };
enum class PredictionFormat { csv, hdf5 };
enum class Acceleration { none, anderson };
enum class WeightSolver { automatic, cholesky, qr, svd, dual, cg, low_rank };
enum class ActivationSolver { automatic, correction, cholesky, ray, cheapest };

/// Which column of a table holds the labels, or which ones the real targets.
struct LabelColumn {
  enum Kind { first, last, none, number, name, list };
  Kind kind = last;
  Index column = 0;                  ///< number: counted from 1
  std::string name_of_column;        ///< name: as the header has it
  std::vector<LabelColumn> columns;  ///< list: numbers and names

  LabelColumn() = default;
  LabelColumn(Kind which) : kind(which) {}
  bool operator==(Kind which) const { return kind == which; }
};

/// How many directions of the features a network gets as inputs, those of the largest variance.
struct Components {
  enum Kind { none, all, number, share };
  Kind kind = none;
  Index count = 0;         ///< number: so many
  double part = 0.0;       ///< share: as many as hold this part of the trace
  double most_inputs = 1;  ///< share: if these are at most this part of the features; else none

  Components() = default;
  Components(Kind which) : kind(which) {}
  static Components of(Index count) {
    Components result(number);
    result.count = count;
    return result;
  }
  bool operator==(Kind which) const { return kind == which; }
};

/// What samples of each class count in the loss.
struct ClassWeights {
  enum Kind { none, balanced, list };
  Kind kind = none;
  std::vector<double> values;  ///< list: in the order of the classes

  ClassWeights() = default;
  explicit ClassWeights(std::vector<double> weights) : kind(list), values(std::move(weights)) {}
};

struct DataOptions {
  std::optional<Task> task;                     ///< auto: regression where a label is no integer
  std::string format = "idx";                   ///< a name of format_table()
  std::string dir;                              ///< idx: folder of the four standard files
  std::string train, test;                      ///< all formats but idx: files
  std::string path = "/x", target_path = "/y";  ///< arrays of samples and labels in these files
  std::string test_path, test_target_path;      ///< of the test file; empty: as in training
  std::string weight_path, test_weight_path;    ///< arrays of weights; empty: there are none
  bool follow_links = false;                    ///< hdf5: into other files
  LabelColumn label_column;
  Index targets = 1;                              ///< real targets of a sample, beside each other
  LabelColumn weight_column = LabelColumn::none;  ///< csv: by number or name
  Header header = Header::automatic;              ///< csv: whether the first line holds names
  Missing missing = Missing::refuse;              ///< csv: what becomes of missing values
  std::vector<std::string> classes;               ///< keep only these labels; empty: all
  Index train_limit = 0;                          ///< 0: all
  std::optional<Index> validation;                ///< samples held out; auto: min(5000, a tenth)
  std::optional<Scaling> scaling;                 ///< auto: centred for images, standard for tables
  std::optional<Storage> storage;                 ///< of the inputs; auto: data/storage.h
  std::optional<Components> components;           ///< auto: data/components.h
  Index test_last = 0;            ///< samples cut from the end of the training file as test set
  Index pool = 1;                 ///< idx: images averaged over pool x pool pixels
  std::optional<Index> features;  ///< svmlight: how many there are; auto: the largest index
  std::string graph;  ///< svmlight: Matrix Market file, its nodes are the samples; empty: none
  Index hops = 5;     ///< graph: blocks H, AH, ..., A^(hops-1) H of the inputs
  std::string train_nodes, validation_nodes, test_nodes;  ///< graph: files, a node a line
};

struct NetOptions {
  std::vector<Index> hidden;
  Activation activation;
  std::optional<Loss> loss;
  std::optional<double> label_smoothing;  ///< of softmax; auto: the method's
  ClassWeights class_weights;
  bool bias = true;
  // Of losses of real targets, in units of the target.
  std::optional<double> huber = {};       ///< where it becomes linear; auto: of its spread
  std::vector<double> quantiles = {0.5};  ///< pinball
  std::optional<double> epsilon = {};     ///< epsilon_insensitive; auto: of the target's spread
};

struct InitOptions {
  InitScheme scheme = InitScheme::automatic;  ///< the method's
  Index seed = 0;
  std::optional<InitBias> bias;     ///< auto: the method's with he, xavier, lecun, else zero
  std::optional<double> deviation;  ///< normal: of the weights; auto: 1
};

struct TrainOptions {
  std::string method = "taylor";
  std::optional<Index> iterations;  ///< passes over the data; auto: the method's
  Index pause_after = 0;            ///< passes after which the run waits to go on; 0: never
  double tolerance = 0.0;           ///< relative change of the objective; 0: never
  double tolerance_primal = 0.0;    ///< on the primal residual; 0: no matter
  double tolerance_dual = 0.0;      ///< on the dual residual; 0: no matter
  Index patience = 0;               ///< iterations without a better validation result; 0: off
  double target_accuracy = 0.0;     ///< validation score that ends the run; 0: none
  bool keep_best = true;
  Index progress = 0;          ///< looks at the validation samples a pass; 0: at its end only
  bool monitor_test = false;   ///< the test samples after each pass
  Index monitor_spectrum = 0;  ///< passes between looks at singular values; 0: never
  std::optional<Acceleration> acceleration;  ///< auto: the method's
  Index anderson_memory = 1;                 ///< passes that it looks back
};

/// The options of the training methods: each method has a plain struct of its own, which its folder
/// defines and its table of keys (config/schema.h) fills.
class MethodOptions {
 public:
  template <class T>
  T& of() {
    std::any& value = values_[typeid(T)];
    if (!value.has_value()) value = T{};
    return *std::any_cast<T>(&value);
  }
  /// The defaults where nothing was set.
  template <class T>
  const T& of() const {
    static const T defaults{};
    const auto found = values_.find(typeid(T));
    return found == values_.end() ? defaults : *std::any_cast<T>(&found->second);
  }

 private:
  std::map<std::type_index, std::any> values_;
};

struct GridOptions {
  std::optional<int> rows;     ///< process rows
  std::optional<Index> block;  ///< rows and columns of a block of units
};

struct LinalgOptions {
  std::vector<WeightSolver> weight_solver;  ///< empty: auto; one for all layers, or one a layer
  ActivationSolver activation_solver = ActivationSolver::automatic;
  Precision precision = Precision::full;  ///< of the heavy products
};

struct CheckpointOptions {
  Index every_iterations = 0;   ///< 0: off
  double every_minutes = 15.0;  ///< 0: off
  Index keep = 2;
};

struct RunOptions {
  std::string name = "admmnet";
  std::string outdir = ".";
  std::string restart = "auto";        ///< auto, none or a file
  std::string warm_start;              ///< a file, or empty
  std::optional<double> max_walltime;  ///< seconds, given in Slurm's forms
  std::string model;                   ///< predict: the trained networks
  double stall_minutes = 0.0;          ///< without a sign of life, then the run ends; 0: never
  bool overwrite = false;              ///< allow a fresh run in the place of an earlier one
  bool count_communication = false;    ///< messages and bytes per rank and phase
  bool probabilities = false;          ///< predict: of each class, into NAME.predictions.csv
  bool scores = false;                 ///< predict: the outputs as they are, into the same file
  bool predictions = false;            ///< train: of the test samples, into NAME.test.csv
  PredictionFormat prediction_format = PredictionFormat::csv;  ///< predict: of its file
};

struct PlanOptions {
  std::optional<int> ranks;  ///< plan: the number of ranks to plan for
  // The machine, for one rank; auto: MachineParameters of linalg/work.h, and free
  // memory.
  std::optional<double> gflops;     ///< 1e9 flops/s of a large dgemm
  std::optional<double> latency;    ///< seconds a message
  std::optional<double> bandwidth;  ///< 1e9 bytes/s between ranks
  std::optional<double> memory;     ///< 1e9 bytes; 0: no limit
  // A problem without data files: all three or none.
  std::optional<Index> samples, features, classes;
  std::vector<int> scaling;      ///< numbers of ranks for a table; the first is the baseline
  Growth growth = Growth::none;  ///< what grows with them
  std::string csv;               ///< a file for the same table
};

struct ConvertOptions {
  SamplePart part = SamplePart::train;  ///< which samples of the input
};

struct InspectOptions {
  bool json = false;  ///< print JSON in place of a page
};

struct Options {
  DataOptions data;
  NetOptions net;
  InitOptions init;
  TrainOptions train;
  MethodOptions method;
  GridOptions grid;
  LinalgOptions linalg;
  CheckpointOptions ckpt;
  RunOptions run;
  PlanOptions plan;
  ConvertOptions convert;
  InspectOptions inspect;
  std::vector<std::string> given;       ///< the arguments that these were read from
  std::vector<std::string> positional;  ///< arguments that are no keys, after the command's name
  std::vector<std::string> notes;       ///< what was read in another way than it is written
  std::vector<std::string> petsc;       ///< PETSc's and SLEPc's, as for argv; each key once
};

}  // namespace admmnet
