/// data/: from files to samples in memory, each rank holding its share and nothing more.
///
/// Readers (IDX, CSV, svmlight; plain or gzipped; HDF5, npz, npy), graphs (propagation.h), label
/// coding, class filter, validation split, order of the samples, and scaling. Nothing about layers,
/// weights or training enters it.
///
/// Which sample stands at which position depends on the options and the seed alone, never on the
/// number of ranks; values agree across rank counts to the rounding of the scaling's sums.
///
/// Every file is read once by all ranks together: HDF5 and an unpacked IDX, svmlight or npy file in
/// P contiguous slabs, a packed or CSV file by the first rank, in batches of bounded size that are
/// sent to the owners of their samples. Only labels (4 bytes a sample), real targets and weights (8
/// each) are held by every rank.
///
/// Errors: BadInput for whatever is wrong with the files or the options (missing, truncated, not
/// what they should be), IoFailure when the operating system fails to read; the same on every rank.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mpi.h>

#include "config/options.h"
#include "data/preprocessing.h"
#include "data/sparsity.h"
#include "data/split.h"
#include "data/targets.h"
#include "linalg/block_cyclic_matrix.h"
#include "linalg/process_grid.h"
#include "linalg/sample_operand.h"
#include "runtime/types.h"

namespace admmnet {

struct FileLayout;

constexpr int kNoLabel = -1;      ///< class index of a sample without a label
constexpr int kNotSelected = -2;  ///< class index of a sample that the class filter drops
constexpr int kLeftOut = -3;      ///< in the place of a label: the sample is not to be used

/// A file of samples as it was found. An implementation detail of the room, kept between probe and
/// load.
struct SourceFile {
  std::string path;                          ///< empty: there is none
  std::shared_ptr<const FileLayout> layout;  ///< the format's, on the first rank only
  std::vector<int> classes;     ///< class index of each sample, in the order of the file; of real
                                ///< targets 0 where there are some
  std::vector<double> reals;    ///< real targets of each sample, one behind the other
  std::vector<double> weights;  ///< of each sample, as they stand there; empty: none are given
  std::vector<Index> marks;     ///< where some samples begin, if the format says so (svmlight.h)
  Sparsity sparsity;
};

/// What is known before any sample is read: from headers and labels alone. (A CSV file has to be
/// scanned for that, which also finds every malformed line.)
struct DataShape {
  Index features = 0;
  Index train = 0;             ///< after class filter, train_limit and hold-out
  Index validation = 0;        ///< held out from the training file
  Index test = 0;              ///< after the class filter
  bool test_of_train = false;  ///< the test samples stand in train_file: the last selected ones
  /// With a graph: what each selected sample of train_file is for. Else empty.
  std::vector<int> roles;
  /// Distinct labels of the training file (after the class filter), sorted as numbers when all are
  /// integers, else as text; the class index of a label is its place in here.
  std::vector<std::string> class_labels;
  Index targets = 0;                       ///< real ones of a sample; 0: they are classes
  std::vector<std::string> target_names;   ///< "y", or as the file has them
  std::vector<std::string> feature_names;  ///< csv: of the training file's header; empty: none
  bool test_has_labels = false;
  bool test_missing = false;  ///< no test file is named or found: test = 0
  Index image_rows = 0,
        image_cols = 0;            ///< features = image_rows * image_cols, row by row; 0: unknown
  std::vector<std::string> notes;  ///< lines for the log: what was assumed or left out
  std::vector<std::string> warnings;  ///< the same: what is probably not as it is meant
  SourceFile train_file, test_file;
};

/// A range of consecutive positions of a SampleSet.
struct SamplePanel {
  Index first = 0, count = 0;  ///< positions first .. first + count - 1
  BlockCyclicMatrix
      inputs;  ///< (features + bias) x count on the grid; the last row is 1 with a bias
  std::optional<SingleSamples> single;  ///< the same in its place, in float
  std::optional<SparseSamples> sparse;  ///< the same in its place (storage.h)
  /// Whichever of the three there is.
  SampleOperand a() const {
    if (sparse) return *sparse;
    return single ? SampleOperand(*single) : SampleOperand(inputs);
  }
  /// Stores the inputs in float: half the memory, and products in single are the same.
  void round() {
    single.emplace(inputs);
    inputs = {};
  }
  /// Of this rank's columns in the sample layout: rank r holds the columns [r w, min((r + 1) w,
  /// count)) with w = slab_width(widest panel of the set, P).
  Targets targets;
};

struct SampleSet {
  Index samples = 0;
  Index widest = 0;  ///< columns of the widest panel; 0 for an empty set
  /// Of the training set. Inputs may be components of the features (preprocessing.h): then these
  /// are more than the inputs, and sum |x|^2 over features and samples is larger by left_out.
  Index features = 0;  ///< 0: as many as inputs
  double left_out = 0.0;
  std::vector<SamplePanel> panels;
};

/// How the caller wants the matrices of inputs cut.
struct PanelLayout {
  Index unit_block = 64;  ///< row block of the inputs
  bool bias = true;       ///< append a row of ones
  std::vector<Index>
      train_bounds;  ///< training panel p = positions [b[p], b[p+1]); b ends with shape.train
  Index evaluation_columns = 1;  ///< widest panel of the validation and test sets
  bool in_float = false;         ///< dense inputs are stored in float
};

struct Dataset {
  DataShape shape;
  Preprocessing preprocessing;
  SampleSet train, validation, test;
  /// checksum() (runtime/element_hash.h) of the values as they stand in the file, sample after
  /// sample in the order of the training set, then of the validation set: bit by bit the same on
  /// any grid.
  std::uint64_t values_checksum = 0;
  std::vector<std::string> notes, warnings;  ///< as in DataShape: what the values show
};

/// Looks at the files for training: names, headers, sizes, labels, and CSV lines. Collective on
/// comm; reads on rank 0 only.
DataShape probe(const DataOptions& options, MPI_Comm comm);

/// Where the middle of each real target lies, and how far they spread around it.
struct TargetSpread {
  std::vector<double> centre, scale;
};

/// Of the samples to train on, by their weights: mean and deviation, or where it should be `robust`
/// median and 1.4826 times the median of the deviation from it (the deviation of normal numbers). 0
/// and 1 for a shape without files. Throws BadInput for a target that is the same in all samples;
/// where half of them are, the deviation is taken for it. Not collective.
TargetSpread spread_of_targets(const DataShape& shape, Index seed, bool robust);

/// The same without any file, for planning: S samples of so many features and classes, of which
/// test_last, train_limit and validation take their parts as usual; no other test set. With the
/// task regression `classes` counts the real targets. Throws BadInput as probe() does. Not
/// collective.
DataShape imagined_shape(const DataOptions& options, Index samples, Index features, Index classes);

/// What a trained network knows of its inputs and outputs.
struct TrainedCoding {
  Index features = 0;
  std::vector<std::string> class_labels;
  std::vector<std::string> feature_names;      ///< empty: unknown
  std::vector<std::string> target_names = {};  ///< real ones; empty: classes
};

/// The same for prediction: the test file only, for a network with this coding.
/// Labels are optional (kNoLabel). Labels that the network does not know are an error unless
/// options.classes drops them. Collective on comm.
DataShape probe_test(const DataOptions& options, const TrainedCoding& network, MPI_Comm comm);

/// Of each sample of the file with the test samples its class, kNoLabel where it has none, and
/// kNotSelected where it is no test sample. Not collective.
std::vector<int> classes_of_test(const DataShape& shape);

/// Reads all samples. The selected samples of the training file are its first train_limit ones of
/// the kept classes, S in number, counted in the order of the file. Of each class a share is held
/// out (held_out_of_classes): with n_c samples counted in the order of the file, those of number
/// Shuffle(n_c, seed, held_out + c)(p), p < its share. The validation set keeps the order of the
/// file; the others, counted again, stand in the order of Shuffle(shape.train, seed, shuffle). Test
/// samples keep the order of the file. With HoldOut::of_all sample i of the S is held out when it
/// is one of Shuffle(S, seed, validation)(p), p < shape.validation, and stands at p.
///
/// Inputs have row block unit_block and column block slab_width(widest, grid.cols()): on a 1 x P
/// grid the grid layout and the sample layout coincide. Memory per rank: its share of the doubles,
/// its share of the file's values (1 byte each for IDX), two batches of about 8 MiB, and one
/// panel's share when the grid has several rows. `learned`: the scaling where it is known already;
/// null: it is learned from the training samples. Collective on the grid.
Dataset load(const DataOptions& options, const DataShape& shape, Index seed,
             const ProcessGrid& grid, const PanelLayout& layout,
             HoldOut how = HoldOut::of_each_class, const Preprocessing* learned = nullptr);

/// The scaling (for whiten the centring alone: whiten_components does the rest) and the
/// eigenvectors of the scaled features' Gram matrix, all of them and with their eigenvalues, from
/// the training samples of a run that begins: what `load` would train on. The file is read once for
/// it, and n features n each lie on every rank. Costs as spectrum_of (spectrum.h) and throws what
/// load and it throw. Collective on comm.
Preprocessing learn_eigenvectors(const DataOptions& options, const DataShape& shape, Index seed,
                                 MPI_Comm comm);

/// The test samples of a shape from probe_test, in the order of the file, with the preprocessing of
/// a trained network. Collective on the grid.
SampleSet load_test(const DataOptions& options, const DataShape& shape,
                    const Preprocessing& preprocessing, const ProcessGrid& grid,
                    const PanelLayout& layout);

}  // namespace admmnet
