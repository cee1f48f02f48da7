/// The keys of the group data: samples and labels.
#include "config/key_builders.h"

namespace admmnet {

std::vector<Key> data_keys() {
  using D = DataOptions;
  return {
      choice("data_format", "format of the data files", &O::data, &D::format),
      text("data_dir", "folder", "idx: holds the four standard files, gzipped or not", &O::data,
           &D::dir),
      text("data_train", "file", "csv: the training samples, one a line", &O::data, &D::train),
      text("data_test", "file", "csv: the test samples", &O::data, &D::test),
      choice("data_label_column", "csv: where the label stands in a line", &O::data,
             &D::label_column),
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
      choice("data_scaling",
             "of the features, from the training set: none; unit: to [0, 1]; centred: mean 0 each, "
             "one deviation for all; standard: mean 0 and deviation 1 each; whiten: decorrelated; "
             "auto: centred for images, standard for tables",
             &O::data, &D::scaling),
  };
}

}  // namespace admmnet
