#include "config/schema.h"

#include "config/key_builders.h"
#include "runtime/nearest.h"

namespace admmnet {

namespace {

std::vector<Key> net_keys() {
  using N = NetOptions;
  return {
      list("net_hidden", "none", "units", {1, largest_dimension},
           "widths of the hidden layers; none: a linear model", &O::net, &N::hidden),
      choice("net_activation", "of the hidden layers", &O::net, &N::activation, &Activation::kind),
      number("net_leaky_slope", "", {0, 1, true, true}, "slope of leaky_relu below 0", &O::net,
             &N::activation, &Activation::slope),
      choice("net_loss",
             "of the output layer; auto: softmax with several blocks, multiclass_hinge with one",
             &O::net, &N::loss),
      flag("net_bias", "a bias in every layer", &O::net, &N::bias),
  };
}

std::vector<Key> init_keys() {
  using I = InitOptions;
  return {
      choice("init_scheme",
             "he, xavier: random weights and a forward pass; normal, uniform: random z and a "
             "(printed sweep); receptive_fields: from differences of samples",
             &O::init, &I::scheme),
      number("init_seed", "", at_least(0), "of every random number of the run", &O::init, &I::seed),
  };
}

std::vector<Key> train_keys() {
  using T = TrainOptions;
  return {
      choice("train_method", "training method", &O::train, &T::method),
      number("train_iterations", "passes", at_least(1), "passes over the training set", &O::train,
             &T::iterations),
      number("train_tolerance", "", at_least(0),
             "stop when the objective changes relatively by less; 0: never", &O::train,
             &T::tolerance),
      number("train_patience", "passes", at_least(0),
             "stop after so many without a better validation result; 0: never", &O::train,
             &T::patience),
      flag("train_keep_best", "end with the iterate of the best validation result", &O::train,
           &T::keep_best),
  };
}

std::vector<Key> admm_penalty_keys() {
  using A = AdmmOptions;
  return {
      choice("admm_sweep", "resync: the sweep that learns; printed: Taylor et al. (2016)", &O::admm,
             &A::sweep),
      number("admm_blocks", "", at_least(1),
             "resync: blocks a pass; 1: full batch; auto: samples / 2500, at least 8", &O::admm,
             &A::blocks),
      list("admm_beta", "auto", "", above(0),
           "penalties of z = W a; printed: one, or one a layer; resync: one, of the output layer, "
           "auto 0.3, full batch 1",
           &O::admm, &A::beta),
      list("admm_gamma", "auto", "", above(0),
           "printed: penalties of a = h(z); one, or one a hidden layer", &O::admm, &A::gamma),
      number("admm_penalty_ratio", "", above(0), "resync: beta / gamma of the hidden z step",
             &O::admm, &A::penalty_ratio),
      number("admm_ridge", "", at_least(0),
             "of the weights of layer 1 (printed: of all), relative to the mean diagonal of the "
             "Gram matrix; auto 3e-4, full batch 0.3, printed 1e-6",
             &O::admm, &A::ridge),
      number("admm_ridge_hidden", "", at_least(0),
             "resync: the same for layers 2 to L-1; auto admm_ridge, full batch 0.01", &O::admm,
             &A::ridge_hidden),
      number("admm_ridge_output", "", at_least(0),
             "resync: the same for the output layer; auto admm_ridge, full batch 1e-3", &O::admm,
             &A::ridge_output),
      number("admm_ridge_decay", "", {0, 1, true},
             "full batch: factor on the hidden ridge each pass; auto 0.75", &O::admm,
             &A::ridge_decay),
      number("admm_warmup", "passes", at_least(0), "printed: before the multiplier moves", &O::admm,
             &A::warmup),
      choice("admm_multiplier",
             "printed: none; output: on z_L as published; residual: on z_L - W_L a, classical ADMM",
             &O::admm, &A::multiplier),
  };
}

std::vector<Key> admm_step_keys() {
  using A = AdmmOptions;
  return {
      number("admm_step", "", {0, 1e6, true},
             "resync: eta of the hidden layers; auto 25, full batch 2 at the start", &O::admm,
             &A::step),
      number("admm_step_output", "", {0, 1e6, true},
             "resync, several blocks: eta of the output layer; auto 0.2", &O::admm,
             &A::step_output),
      number("admm_proximal", "", at_least(0),
             "resync: proximal weight p of the hidden layers, relative like the ridge; auto 10, "
             "full batch 1",
             &O::admm, &A::proximal),
      number("admm_proximal_output", "", at_least(0),
             "resync, several blocks: p of the output layer; auto 0.1", &O::admm,
             &A::proximal_output),
      number("admm_momentum", "", {0, 1, false, true},
             "resync: mu of the weight steps; auto 0.8, full batch 0.5", &O::admm, &A::momentum),
      number("admm_damping", "", above(0),
             "resync: kappa of the output-side solve, relative; auto 0.1 (five hidden layers or "
             "more 0.03), full batch 0.01",
             &O::admm, &A::damping),
      number("admm_gram_memory", "", {0, 1, false, true},
             "resync, several blocks: weight of the old Gram matrix in its running mean", &O::admm,
             &A::gram_memory),
      number("admm_gram_every", "blocks", at_least(1),
             "resync, several blocks: between updates of the hidden layers' Gram matrices; auto: "
             "2, from 1500 units on up to 8",
             &O::admm, &A::gram_every),
      number("admm_step_clip", "", at_least(0),
             "resync, several blocks: largest relative change of z_l by a step; 0: off; auto 0.02 "
             "from five hidden layers on, else off",
             &O::admm, &A::step_clip),
      choice("admm_hidden_z",
             "full batch: z of the hidden layers is needed twice a pass; keep it, or recompute it "
             "to save memory; auto: keep what fits",
             &O::admm, &A::hidden_z),
  };
}

std::vector<Key> machine_keys() {
  using W = LinalgOptions;
  return {
      number("grid_rows", "ranks", at_least(1), "rows of the process grid", &O::grid,
             &GridOptions::rows),
      number("grid_block", "units", {1, largest_dimension},
             "rows and columns of a block of the block-cyclic layout", &O::grid,
             &GridOptions::block),
      choice(
          "linalg_weight_solver",
          "solver of the weights; auto: the cheapest exact one; qr, svd: for ill-conditioned and "
          "rank-deficient systems; dual: fewer samples than inputs; cg: few outputs",
          &O::linalg, &W::weight_solver),
      choice("linalg_activation_solver",
             "solver of the activations; correction inverts the smaller side", &O::linalg,
             &W::activation_solver),
      choice("linalg_precision",
             "resync: of the products with samples; single takes half the time, and keeps sums, "
             "solves and all that is stored in double",
             &O::linalg, &W::precision),
  };
}

std::vector<Key> file_keys() {
  using C = CheckpointOptions;
  using R = RunOptions;
  return {
      number("ckpt_every_iterations", "passes", at_least(0), "between checkpoints; 0: off",
             &O::ckpt, &C::every_iterations),
      number("ckpt_every_minutes", "minutes", at_least(0), "between checkpoints; 0: off", &O::ckpt,
             &C::every_minutes),
      number("ckpt_keep", "files", at_least(1), "checkpoints kept, the newest ones", &O::ckpt,
             &C::keep),
      text("run_name", "name", "first part of the names of all files written", &O::run, &R::name),
      text("run_outdir", "folder", "where files are written", &O::run, &R::outdir),
      text("run_restart", "auto, none or file",
           "auto: continue from the newest valid checkpoint, or start fresh; file: begin there, or "
           "go "
           "on when the run has begun there before",
           &O::run, &R::restart),
      text("run_warm_start", "file", "take the weights, not the state, of another run", &O::run,
           &R::warm_start),
      duration("run_max_walltime",
               "stop in time with a checkpoint; in Slurm's forms; auto: no limit", &O::run,
               &R::max_walltime),
      number("run_stall_minutes", "minutes", at_least(0),
             "stop with exit code 10, and say where each rank is, when nothing (a step, a phase, a "
             "read or write) has ended for so long; more than the longest takes; 0: off",
             &O::run, &R::stall_minutes),
      text("run_model", "file", "predict: the trained network", &O::run, &R::model),
      flag("run_overwrite",
           "begin anew in the place of a finished run or of one with another problem, or begin at "
           "the restart file; with -run_restart none anew in any case",
           &O::run, &R::overwrite),
      flag(
          "run_count_communication",
          "count messages and bytes of each rank and phase; jobs/train.sbatch preloads the library "
          "for it; else: mpirun ... env LD_PRELOAD=FOLDER/libadmmnet_mpi_counter.so admmnet ..., "
          "FOLDER that of the program",
          &O::run, &R::count_communication),
  };
}

std::vector<Key> command_keys() {
  using P = PlanOptions;
  return {
      with_alias("ranks",
                 number("plan_ranks", "ranks", at_least(1),
                        "plan: for so many; auto: as many as there are", &O::plan, &P::ranks)),
      number("plan_gflops", "GF/s", above(0), "of a rank in large products; auto: 35", &O::plan,
             &P::gflops),
      number("plan_latency", "s", at_least(0), "of a message; auto: 2e-6", &O::plan, &P::latency),
      number("plan_bandwidth", "GB/s", above(0), "of a rank, while all ranks send; auto: 1",
             &O::plan, &P::bandwidth),
      number("plan_memory", "GB", at_least(0),
             "of a rank, not to be exceeded; 0: no limit; auto: what is free", &O::plan,
             &P::memory),
      number(
          "plan_samples", "samples", at_least(1),
          "plan without data files: for so many, those held out included; auto: look at the files",
          &O::plan, &P::samples),
      number("plan_features", "", {1, largest_dimension},
             "plan without data files: of a sample; auto: as above", &O::plan, &P::features),
      number("plan_classes", "", {2, largest_dimension},
             "plan without data files: to tell apart; auto: as above", &O::plan, &P::classes),
      list("plan_scaling", "none", "ranks", {1, largest_dimension},
           "plan: a table with the best plan for each of these numbers of ranks", &O::plan,
           &P::scaling),
      choice("plan_growth",
             "of the problem with the ranks of -plan_scaling; none: strong scaling; samples: as "
             "many a rank; widths: of the hidden layers, as the square root",
             &O::plan, &P::growth),
      text("plan_csv", "file", "takes the table of -plan_scaling", &O::plan, &P::csv),
      with_alias("json",
                 flag("inspect_json", "inspect: print JSON", &O::inspect, &InspectOptions::json)),
  };
}

}  // namespace

const std::vector<KeyGroup>& key_groups() {
  static const std::vector<KeyGroup> groups{
      {"data", "samples and labels"},
      {"net", "the network"},
      {"init", "the first iterate"},
      {"train", "the training run"},
      {"admm", "the sweeps of ADMM (full batch: resync with one block)"},
      {"grid", "the process grid"},
      {"linalg", "linear solvers"},
      {"ckpt", "checkpoints"},
      {"run", "names, restart and limits of the run"},
      {"plan", "the command plan, and the machine that the process grid is chosen for"},
      {"inspect", "the command inspect"},
  };
  return groups;
}

const std::vector<Key>& schema() {
  static const std::vector<Key> keys = [] {
    std::vector<Key> all;
    for (const auto& part :
         {data_keys(), net_keys(), init_keys(), train_keys(), admm_penalty_keys(), admm_step_keys(),
          machine_keys(), file_keys(), command_keys()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return keys;
}

const Key* find_key(const std::string& name) {
  for (const Key& key : schema())
    if (key.name == name || (!key.alias.empty() && key.alias == name)) return &key;
  return nullptr;
}

std::string nearest_key(const std::string& name) {
  std::vector<std::string> names, fields;
  for (const Key& key : schema()) {
    names.push_back(key.name);
    fields.push_back(key.field());
  }
  const std::string last_part = name.substr(name.find('_') + 1);
  for (const Key& key : schema())
    if (key.field() == name || key.field() == last_part) return key.name;
  std::string nearest = nearest_word(name, names);
  if (!nearest.empty()) return nearest;
  const std::string field = nearest_word(name, fields);
  for (const Key& key : schema())
    if (key.field() == field) return key.name;
  return "";
}

}  // namespace admmnet
