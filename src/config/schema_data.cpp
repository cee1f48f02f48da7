/// The keys of the group data: samples and labels.
#include <utility>

#include "config/key_builders.h"
#include "data/file_format.h"

namespace admmnet {

namespace {

Key weight_column() {
  Key key = quoted(choice("data_weight_column",
                          "the column that says what a sample counts in loss and scores: numbers "
                          ">= 0, whose mean over the training samples becomes 1; predict leaves it "
                          "out",
                          &O::data, &DataOptions::weight_column));
  key.allowed = "none, a column number from 1, or a name of the header";
  return only_with("data_format", {"csv", "auto"}, std::move(key));
}

/// Graphs and sparse features: only svmlight has them.
std::vector<Key> graph_keys() {
  using D = DataOptions;
  const auto sparse = [](Key key) {
    return only_with("data_format", {"svmlight"}, std::move(key));
  };
  return {
      sparse(number("data_features", "features", {1, largest_dimension},
                    "how many there are; auto: the largest index of the training file", &O::data,
                    &D::features)),
      sparse(text("data_graph", "file",
                  "Matrix Market: the undirected graph A of which line i of data_train is node i; "
                  "inputs become [H, SH, ..., S^(hops-1) H] with the features H of the nodes and S "
                  "= (D+I)^-1/2 (A+I) (D+I)^-1/2",
                  &O::data, &D::graph)),
      sparse(number("data_hops", "blocks", {1, 1000}, "with data_graph: so many blocks of inputs",
                    &O::data, &D::hops)),
      sparse(text("data_train_nodes", "file",
                  "with data_graph: the nodes to train on, counted from 0, one a line", &O::data,
                  &D::train_nodes)),
      sparse(text("data_validation_nodes", "file", "the same: the nodes of the validation set",
                  &O::data, &D::validation_nodes)),
      sparse(text("data_test_nodes", "file", "the same: the nodes to test on, or to predict for",
                  &O::data, &D::test_nodes)),
  };
}

/// Where samples and labels stand in files that hold several arrays.
std::vector<Key> array_keys() {
  using D = DataOptions;
  const auto of_arrays = [](Key key) {
    return only_with("data_format", {"hdf5", "npz", "npy", "auto"}, std::move(key));
  };
  return {
      of_arrays(text("data_path", "array",
                     "hdf5, npz: the array of the samples, (samples, features)", &O::data,
                     &D::path)),
      of_arrays(text("data_target_path", "array",
                     "hdf5, npz: the list of the labels; npy: the file that holds it", &O::data,
                     &D::target_path)),
      of_arrays(text("data_test_path", "array", "the same for data_test; nothing: as data_path",
                     &O::data, &D::test_path)),
      of_arrays(text("data_test_target_path", "array",
                     "the same for data_test; nothing: as data_target_path", &O::data,
                     &D::test_target_path)),
      of_arrays(text("data_weight_path", "array",
                     "hdf5, npz: the list of what the samples count in loss and scores, as "
                     "data_weight_column; npy: the file that holds it; nothing: 1 each",
                     &O::data, &D::weight_path)),
      of_arrays(text("data_test_weight_path", "array", "the same for data_test", &O::data,
                     &D::test_weight_path)),
      of_arrays(flag("data_follow_links",
                     "hdf5: whether links, external storage and virtual data sets may lead into "
                     "other files",
                     &O::data, &D::follow_links)),
  };
}

}  // namespace

std::vector<Key> data_keys() {
  using D = DataOptions;
  std::vector<Key> keys = {
      fixed(before_it("classification",
                      choice("data_task",
                             "classification: labels are classes; regression: they are real "
                             "targets; auto: regression where one of them is no integer, or the "
                             "loss is of real targets alone",
                             &O::data, &D::task))),
      row_of(format_table(), "data_format", "format of the data files", &O::data, &D::format),
      text("data_dir", "folder", "idx: holds the four standard files, gzipped or not", &O::data,
           &D::dir),
      text(
          "data_train", "file",
          "csv, svmlight: the training samples, one a line; with data_graph: all nodes; hdf5, npz, "
          "npy: a file that holds them, or several, with commas or as a pattern (run*.h5)",
          &O::data, &D::train),
      text("data_test", "file", "the same for the test samples", &O::data, &D::test),
      quoted(choice("data_label_column",
                    "csv: the column that holds the label; several, with commas, of real targets",
                    &O::data, &D::label_column)),
      number("data_targets", "columns", {1, largest_dimension},
             "csv: so many real targets stand beside each other, where data_label_column is first "
             "or last",
             &O::data, &D::targets),
      weight_column(),
      choice(
          "data_header",
          "csv: whether the first line holds names; auto: when none of its features is a number, "
          "or when it counts 0, 1, 2, ...",
          &O::data, &D::header),
      choice("data_missing",
             "csv: samples with missing values (empty, NA, NaN, ?, null): refuse the file, drop "
             "them, or fill in the feature's mean over the training set",
             &O::data, &D::missing),
      list("data_classes", "all", "", any_number, "keep only the samples with these labels",
           &O::data, &D::classes),
      number("data_train_limit", "samples", at_least(0), "use the first so many; 0: all", &O::data,
             &D::train_limit),
      number("data_validation", "samples", at_least(0),
             "held out of the training set; auto: a tenth, at most 5000", &O::data, &D::validation),
      number("data_test_last", "samples", at_least(0),
             "test with the last so many samples of the training file, after data_classes; "
             "data_train_limit counts those before them; 0: a test set of its own",
             &O::data, &D::test_last),
      number("data_pool", "pixels", {1, largest_dimension},
             "idx: average images over squares of so many rows and columns", &O::data, &D::pool),
      choice(
          "data_scaling",
          "of the features, from the training set: none; unit: to [0, 1]; centred: mean 0 each, "
          "one deviation for all; standard: mean 0 and deviation 1 each; "
          "deviation: deviation 1 each, not centred, and what is rare bounded; sqn: for images and "
          "counts, square roots over that of the sample's mean, then centred; whiten: "
          "decorrelated, as features or as the data_components that are taken; auto: centred for "
          "images, standard for tables, none for svmlight, and "
          "deviation where data_storage is sparse",
          &O::data, &D::scaling),
      before_it("dense",
                choice("data_storage",
                       "of the inputs in memory: dense, or sparse, which leaves zeros out; auto: "
                       "sparse for svmlight where at most one value in 16 is not 0 and nothing "
                       "needs dense inputs",
                       &O::data, &D::storage)),
      before_it(
          "none",
          choice("data_components",
                 "inputs of the network: the features as they are scaled (none), or their "
                 "components along the eigenvectors of their Gram matrix, all of them, the "
                 "first so many, or those that hold this share of its trace; auto: 0.975 of "
                 "images where admm_sweep is blocks and these are at most half of the "
                 "pixels, else none; they are dense, and where data_storage is sparse made of "
                 "samples that are not (all is then refused)",
                 &O::data, &D::components)),
  };
  for (Key& key : array_keys()) keys.push_back(std::move(key));
  for (Key& key : graph_keys()) keys.push_back(std::move(key));
  return keys;
}

}  // namespace admmnet
