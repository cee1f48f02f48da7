/// The keys of files (checkpoints, what a run writes) and of the commands beside train.
#include "config/key_builders.h"

namespace admmnet {

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
      text("run_warm_start", "file",
           "take the weights, not the state, of another run; its hidden layers may be narrower, "
           "and with relu fewer (those that join begin as identities)",
           &O::run, &R::warm_start),
      duration("run_max_walltime",
               "stop in time with a checkpoint; in Slurm's forms; auto: no limit", &O::run,
               &R::max_walltime),
      number("run_stall_minutes", "minutes", at_least(0),
             "stop with exit code 10, and say where each rank is, when nothing (a step, a phase, a "
             "read or write) has ended for so long; more than the longest takes; 0: off",
             &O::run, &R::stall_minutes),
      text("run_model", "file or folder",
           "predict: the trained network; several, with commas between them or as the folder of a "
           "sweep: the mean of what they say",
           &O::run, &R::model),
      flag("run_probabilities",
           "predict: the file has the probability of each class, too; for softmax", &O::run,
           &R::probabilities),
      with_alias(
          "predict_scores",
          flag("run_scores",
               "predict: the file has the outputs of the network, too, as they are; of any loss",
               &O::run, &R::scores)),
      choice(
          "run_prediction_format",
          "predict: NAME.predictions.csv, or NAME.predictions.h5, which all ranks write together",
          &O::run, &R::prediction_format),
      flag("run_predictions",
           "train: write NAME.test.csv, with label, class predicted and probabilities (scores, "
           "where the loss gives none) of each test sample",
           &O::run, &R::predictions),
      flag("run_overwrite",
           "begin anew in the place of a finished run or of one with another problem, or begin at "
           "the restart file; with -run_restart none anew in any case; convert: replace the file "
           "that is there",
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
      number("plan_classes", "", {1, largest_dimension},
             "plan without data files: to tell apart, or with -data_task regression the real "
             "targets; auto: as above",
             &O::plan, &P::classes),
      list("plan_scaling", "none", "ranks", {1, largest_dimension},
           "plan: a table with the best plan for each of these numbers of ranks", &O::plan,
           &P::scaling),
      choice("plan_growth",
             "of the problem with the ranks of -plan_scaling; none: strong scaling; samples: as "
             "many a rank; widths: of the hidden layers, as the square root",
             &O::plan, &P::growth),
      text("plan_csv", "file", "takes the table of -plan_scaling", &O::plan, &P::csv),
      choice("convert_part",
             "convert: of the input the training samples, which need labels, or the test samples, "
             "which may lack them (idx: the t10k files)",
             &O::convert, &ConvertOptions::part),
      with_alias("json",
                 flag("inspect_json", "inspect: print JSON", &O::inspect, &InspectOptions::json)),
  };
}

}  // namespace admmnet
