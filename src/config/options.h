/// Every option of a run as plain typed values: the result of reading and checking a deck.
///
/// A leaf: plain structs only, so that any room may take its part of them. The schema table
/// (config/schema.cpp) fills them and holds the documentation, defaults, units and ranges.
/// A value of std::optional that is empty means "auto": the program chooses and logs the choice.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "linalg/precision.h"
#include "proximal/activation.h"
#include "proximal/loss.h"
#include "runtime/types.h"

namespace admmnet {

enum class DataFormat { idx, csv };
enum class Scaling { none, unit, centred, standard, whiten };
enum class Header { automatic, yes, no };
enum class Missing { refuse, drop, mean };
enum class InitScheme { he, xavier, normal, uniform, zero, receptive_fields };
enum class Method { taylor };
enum class Sweep { resync, printed };
enum class Multiplier { none, output, residual };
enum class Growth { none, samples, widths };
enum class WeightSolver { automatic, cholesky, qr, svd, dual, cg };
enum class HiddenZ { automatic, keep, recompute };
enum class ActivationSolver { automatic, correction, cholesky };

/// Which column of a table holds the labels.
struct LabelColumn {
  enum Kind { first, last, none, number, name };
  Kind kind = last;
  Index column = 0;            ///< number: counted from 1
  std::string name_of_column;  ///< name: as the header has it

  LabelColumn() = default;
  LabelColumn(Kind which) : kind(which) {}
  bool operator==(Kind which) const { return kind == which; }
};

struct DataOptions {
  DataFormat format = DataFormat::idx;
  std::string dir;          ///< idx: folder of the four standard files
  std::string train, test;  ///< csv: files
  LabelColumn label_column;
  Header header = Header::automatic;  ///< csv: whether the first line holds names
  Missing missing = Missing::refuse;  ///< csv: what becomes of missing values
  std::vector<std::string> classes;   ///< keep only these labels; empty: all
  Index train_limit = 0;              ///< 0: all
  std::optional<Index> validation;    ///< samples held out; auto: min(5000, a tenth)
  std::optional<Scaling> scaling;     ///< auto: centred for images, standard for tables
  Index test_last = 0;                ///< samples cut from the end of the training file as test set
  Index pool = 1;                     ///< idx: images averaged over pool x pool pixels
};

struct NetOptions {
  std::vector<Index> hidden;
  Activation activation;
  std::optional<Loss> loss;
  bool bias = true;
};

struct InitOptions {
  InitScheme scheme = InitScheme::he;
  Index seed = 0;
};

struct TrainOptions {
  Method method = Method::taylor;
  Index iterations = 10;   ///< passes over the data
  double tolerance = 0.0;  ///< relative change of the objective; 0: never
  Index patience = 0;      ///< iterations without a better validation result; 0: off
  bool keep_best = true;
};

struct AdmmOptions {
  Sweep sweep = Sweep::resync;
  std::optional<Index> blocks;         ///< auto, or 1 = full batch, or a number of blocks
  std::vector<double> beta, gamma;     ///< printed: one value or one a layer; resync: beta = beta_L
  std::optional<double> ridge;         ///< relative to the mean Gram diagonal, hidden layers
  std::optional<double> ridge_hidden;  ///< the same, layers 2 to L-1; auto: ridge, full batch 0.01
  std::optional<double> ridge_output;  ///< the same, output layer
  std::optional<double> ridge_decay;   ///< full batch: factor per iteration
  Index warmup = 10;                   ///< printed: iterations before the multiplier moves
  Multiplier multiplier = Multiplier::output;
  std::optional<double> step;             ///< eta, hidden layers
  std::optional<double> step_output;      ///< eta_L
  std::optional<double> proximal;         ///< p, hidden layers
  std::optional<double> proximal_output;  ///< p_L
  std::optional<double> momentum;         ///< mu
  std::optional<double> damping;          ///< kappa of the output-side solve, relative
  double penalty_ratio = 0.1;             ///< b = beta_l / gamma_l of the hidden z step
  double gram_memory = 0.9;               ///< weight of the old Gram matrix in its running mean
  std::optional<Index> gram_every;        ///< blocks between updates of the hidden Gram matrices
  std::optional<double> step_clip;        ///< tau, trust region of a weight step; 0: off
  HiddenZ hidden_z = HiddenZ::automatic;  ///< full batch: between the two looks at a panel
};

struct GridOptions {
  std::optional<int> rows;     ///< process rows
  std::optional<Index> block;  ///< rows and columns of a block of units
};

struct LinalgOptions {
  WeightSolver weight_solver = WeightSolver::automatic;
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
  std::string model;                   ///< predict: the trained network
  double stall_minutes = 0.0;          ///< without a sign of life, then the run ends; 0: never
  bool overwrite = false;              ///< allow a fresh run in the place of an earlier one
  bool count_communication = false;    ///< messages and bytes per rank and phase
};

struct PlanOptions {
  std::optional<int> ranks;  ///< plan: the number of ranks to plan for
  // The machine, for one rank; auto: MachineParameters of methods/operation_cost.h, and free
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

struct InspectOptions {
  bool json = false;  ///< print JSON in place of a page
};

struct Options {
  DataOptions data;
  NetOptions net;
  InitOptions init;
  TrainOptions train;
  AdmmOptions admm;
  GridOptions grid;
  LinalgOptions linalg;
  CheckpointOptions ckpt;
  RunOptions run;
  PlanOptions plan;
  InspectOptions inspect;
  std::vector<std::string> positional;  ///< arguments that are no keys, after the command's name
  std::vector<std::string> petsc;       ///< PETSc's and SLEPc's, as for argv; each key once
};

}  // namespace admmnet
