#include "data/svmlight_format.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "data/contents.h"
#include "data/dataset.h"
#include "data/svmlight.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

void check_graph(const DataOptions& options, DataUse use, const Refuse& refuse) {
  refuse(use == DataUse::train && options.train_nodes.empty(), {"data_train_nodes", "data_graph"},
         "missing; name the file of the nodes to train on");
  refuse(!options.test.empty(), {"data_test", "data_graph"},
         "with -data_graph the file of -data_train holds all nodes; name those of the test in "
         "-data_test_nodes");
  const std::string lists =
      "with -data_graph -data_train_nodes, -data_validation_nodes and "
      "-data_test_nodes say what the nodes are for; leave it out";
  refuse(options.test_last > 0, {"data_test_last", "data_graph"}, lists);
  refuse(options.validation.has_value(), {"data_validation", "data_graph"}, lists);
  refuse(options.train_limit > 0, {"data_train_limit", "data_graph"}, lists);
  refuse(!options.classes.empty(), {"data_classes", "data_graph"}, lists);
}

void check_no_graph(const DataOptions& options, DataUse use, const Refuse& refuse) {
  const std::string alone = "is for -data_graph alone, which is not set; leave it out";
  refuse(!options.train_nodes.empty(), {"data_train_nodes", "data_graph"}, alone);
  refuse(!options.validation_nodes.empty(), {"data_validation_nodes", "data_graph"}, alone);
  refuse(!options.test_nodes.empty(), {"data_test_nodes", "data_graph"}, alone);
  refuse(options.hops != DataOptions().hops, {"data_hops", "data_graph"}, alone);
  refuse(use == DataUse::predict && options.test.empty() && options.test_last == 0,
         {"data_test", "data_format", "data_graph"},
         "missing; name the svmlight file of the samples to predict");
  refuse(options.test_last > 0 && !options.test.empty(),
         {"data_test_last", "data_test", "data_format"},
         "the test samples are either those of -data_test or the last ones of -data_train; "
         "set -data_test_last 0 or leave -data_test out");
}

}  // namespace

void SvmlightFormat::check(const DataOptions& options, DataUse use, const Refuse& refuse) const {
  const bool graph = !options.graph.empty();
  refuse(use != DataUse::unknown && options.train.empty() && (graph || use == DataUse::train),
         {"data_train", "data_format"},
         graph ? "missing; name the svmlight file of the nodes"
               : "missing; name the svmlight file of the training samples");
  if (graph)
    check_graph(options, use, refuse);
  else
    check_no_graph(options, use, refuse);
}

Contents SvmlightFormat::examine_train(const DataOptions& options) const {
  if (options.train.empty())
    throw BadInput("-data_train is not set: name the svmlight file to train on");
  Contents contents = scan_svmlight(options.train, options.features.value_or(0),
                                    options.graph.empty() ? options.task : Task::classification);
  if (contents.features == 0)
    throw BadInput(options.train +
                   ": no sample has a feature; a line is a label and index:value ...");
  const auto unlabelled = std::find(contents.labels.begin(), contents.labels.end(), kNoLabel);
  if (options.graph.empty() && unlabelled != contents.labels.end())
    throw BadInput(options.train + ", line " +
                   std::to_string(svmlight_line_of_sample(options.train,
                                                          unlabelled - contents.labels.begin())) +
                   ": has no label, and training needs them; write one, or take the line out");
  return contents;
}

Contents SvmlightFormat::examine_test(const DataOptions& options, Need need,
                                      const std::vector<std::string>&) const {
  if (options.test.empty() && need == Need::samples)
    throw BadInput("-data_test is not set: name the svmlight file to predict for");
  return options.test.empty()
             ? Contents()
             : scan_svmlight(options.test, options.features.value_or(0), options.task);
}

ValueType SvmlightFormat::value_type(const DataOptions&) const {
  return ValueType::real;
}

std::unique_ptr<SampleSource> SvmlightFormat::open(const DataOptions&, const DataShape& shape,
                                                   const SourceFile& file) const {
  return open_svmlight(file.path, shape.features, file.marks);
}

std::string SvmlightFormat::why_no_test(const DataOptions&) const {
  return "-data_test is not set";
}

std::string SvmlightFormat::place_of_feature(const SourceFile&, Index feature) const {
  return "index " + std::to_string(feature + 1);
}

std::string SvmlightFormat::place_of_sample(const DataOptions&, const SourceFile& file,
                                            Index sample) const {
  return "line " + std::to_string(svmlight_line_of_sample(file.path, sample));
}

}  // namespace admmnet
