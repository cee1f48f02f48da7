/// The keys of the group data: samples and labels.
#include "config/key_builders.h"
#include "data/file_format.h"

namespace admmnet {

namespace {

template <class... Path>
Key label_column(const char* name, const char* doc, Path... path) {
  Key key = choice(name, doc, path...);
  key.style = ValueStyle::text;  // quoted: a column may be called "yes" or "~"
  return key;
}

}  // namespace

std::vector<Key> data_keys() {
  using D = DataOptions;
  return {
      row_of(format_table(), "data_format", "format of the data files", &O::data, &D::format),
      text("data_dir", "folder", "idx: holds the four standard files, gzipped or not", &O::data,
           &D::dir),
      text("data_train", "file", "csv: the training samples, one a line", &O::data, &D::train),
      text("data_test", "file", "csv: the test samples", &O::data, &D::test),
      label_column("data_label_column", "csv: the column that holds the label", &O::data,
                   &D::label_column),
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
      choice("data_scaling",
             "of the features, from the training set: none; unit: to [0, 1]; centred: mean 0 each, "
             "one deviation for all; standard: mean 0 and deviation 1 each; sqn: for images and "
             "counts, square roots over that of the sample's mean, then centred; whiten: "
             "decorrelated; auto: centred for images, standard for tables",
             &O::data, &D::scaling),
      before_it("none",
                choice("data_components",
                       "inputs of the network: the features as they are scaled (none), or their "
                       "components along the eigenvectors of their Gram matrix, all of them, the "
                       "first so many, or those that hold this share of its trace; auto: 0.975 of "
                       "images where admm_sweep is blocks and these are at most half of the "
                       "pixels, else none",
                       &O::data, &D::components)),
  };
}

}  // namespace admmnet
