#include "config/describe.h"

#include <algorithm>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "config/deck.h"
#include "config/parse.h"
#include "config/schema.h"
#include "methods/taylor/options.h"
#include "support/registered_methods.h"

using namespace admmnet;
using Catch::Matchers::Contains;

namespace {

constexpr Sweep kSweeps[] = {Sweep::blocks, Sweep::full, Sweep::printed};

// Options in which no key that has a meaning with the sweep has its default, free of
// contradictions.
Options all_different(Sweep sweep) {
  const bool printed = sweep == Sweep::printed;
  Options o;
  o.data.format = "csv";
  o.data.dir = "a folder";
  o.data.train = "quoted \"x\" and \\ and # and: more";
  o.data.test = "true";
  if (sweep == Sweep::full) {
    o.data.format = "hdf5";
    o.data.path = "/a";
    o.data.target_path = "/b";
    o.data.test_path = "/c";
    o.data.test_target_path = "/d";
    o.data.weight_path = "/w";
    o.data.test_weight_path = "/v";
    o.data.follow_links = true;
  }
  o.data.task = Task::classification;
  o.data.label_column = LabelColumn::none;
  if (sweep != Sweep::full) {
    o.data.weight_column = LabelColumn::name;
    o.data.weight_column.name_of_column = "a weight";
  }
  o.data.header = Header::yes;
  o.data.missing = Missing::drop;
  o.data.classes = {"3", "-1", "Iris: \"x\"", "yes"};
  o.data.train_limit = 1000;
  o.data.validation = 0;
  o.data.scaling = Scaling::whiten;
  o.data.storage = Storage::sparse;
  o.data.components = Components(Components::none);
  o.net = {{5, 6}, {ActivationKind::hard_tanh, 1.0 / 3}, Loss::softmax, 1.0 / 7, {}, false};
  o.net.class_weights = ClassWeights({0.5, 1.0 / 3});
  o.init = {InitScheme::normal, 9000000000, {}, 0.25};
  if (sweep != Sweep::blocks)
    o.init = {printed ? InitScheme::zero : InitScheme::xavier, 9000000000, {}, {}};
  o.train = {"taylor", 3, 2, 1e-7, 1e-3, 1e-4, 0, 0, false, 0, true, 3, Acceleration::anderson, 2};
  TaylorOptions& admm = taylor_options(o);
  admm.sweep = sweep;
  admm.defaults = Defaults::first;
  admm.blocks = 1;
  admm.beta = {1.0 / 3};
  if (printed) admm.beta = {1, .1, 1.0 / 3};
  admm.gamma = {1e-5, 2};
  admm.ridge = 1e-6;
  admm.ridge_hidden = 2e-6;
  admm.ridge_output = 0;
  admm.ridge_decay = 1;
  admm.warmup = 0;
  admm.multiplier = Multiplier::residual;
  admm.step = 2;
  admm.step_output = 3;
  admm.proximal = 4;
  admm.proximal_output = 5;
  admm.momentum = 0;
  admm.damping = .01;
  admm.penalty_ratio = 123456789.5;
  admm.schedule = Schedule::linear;
  admm.error_rule = ErrorRule::root;
  admm.gram_memory = 0;
  admm.gram_every = 5;
  admm.step_clip = .02;
  admm.hidden_z = HiddenZ::recompute;
  o.grid = {2, 64};
  o.linalg = {{WeightSolver::cholesky, WeightSolver::automatic, WeightSolver::svd},
              ActivationSolver::correction,
              printed ? Precision::full : Precision::single};
  o.ckpt = {1, .5, 3};
  o.run = {"no",
           "~",
           "none",
           "null",
           90000.0,
           "[1, 2]",
           7.5,
           true,
           true,
           true,
           true,
           true,
           PredictionFormat::hdf5};
  o.plan = {4, 30.0, 1e-6, 2.0, 0.5, 7, 8, 9, {2, 4}, Growth::samples, "t.csv"};
  o.convert.part = SamplePart::test;
  o.inspect.json = true;
  return o;
}

// Keys that have one value only, or that the contradictions leave no other.
const std::set<std::string> without_choice{
    "train_method", "train_patience", "train_target_accuracy", "train_progress", "data_test_last",
    "data_pool",    "init_bias",      "admm_block_columns",    "data_targets"};

// The values of the keys that have a meaning.
std::vector<OptionValue> meant(const Options& options) {
  std::vector<OptionValue> result;
  for (const OptionValue& value : values(options))
    if (belongs(*find_key(value.key), options)) result.push_back(value);
  return result;
}

Options read_back(const Options& options) {
  return parse_options(deck_arguments(used_yaml(options, "made by\na test"), "used.yaml"));
}

}  // namespace

TEST_CASE("the schema is consistent") {
  std::set<std::string> names, groups;
  for (const KeyGroup& group : key_groups()) groups.insert(group.name);
  for (const Key& key : schema()) {
    INFO(key.name);
    CHECK(names.insert(key.name).second);
    if (!key.alias.empty()) CHECK(names.insert(key.alias).second);
    CHECK(groups.count(key.group()) == 1);
    CHECK_FALSE(key.doc.empty());
    CHECK_FALSE(key.allowed.empty());
    CHECK(find_key(key.name) == &key);
    Options o;
    CHECK(key.read(key.write(o), o));
    CHECK(values(o) == values(Options{}));
  }
  CHECK(find_key("nothing") == nullptr);
}

TEST_CASE("every key is bound to a field of its own") {
  const auto defaults = values(Options{});
  for (const Sweep sweep : kSweeps) {
    const Options changed = all_different(sweep);
    for (const Key& key : schema()) {
      if (!belongs(key, changed)) continue;
      INFO(key.name);
      Options o;
      REQUIRE(key.read(key.write(changed), o));
      std::vector<std::string> different;
      const auto now = values(o);
      for (std::size_t i = 0; i < now.size(); ++i)
        if (!(now[i] == defaults[i])) different.push_back(now[i].key);
      const bool stays = without_choice.count(key.name) > 0 ||
                         (key.name == "admm_sweep" && sweep == Sweep::blocks) ||
                         (key.name == "linalg_precision" && sweep == Sweep::printed);
      CHECK(different == (stays ? std::vector<std::string>{} : std::vector<std::string>{key.name}));
    }
  }
}

TEST_CASE("keys of real targets are read and written") {
  const auto options = [](std::vector<std::string> keys) {
    keys.insert(keys.end(), {"-data_format", "csv", "-data_train", "f"});
    return parse_options(keys);
  };
  const Options several =
      options({"-data_label_column", "y 1,3", "-net_loss", "huber", "-net_huber", "2.5"});
  REQUIRE(several.data.label_column.columns.size() == 2);
  CHECK(several.data.label_column.columns[0].name_of_column == "y 1");
  CHECK(several.data.label_column.columns[1].column == 3);
  CHECK(several.net.huber == 2.5);
  CHECK(several.data.task == Task::regression);  // the loss says so
  CHECK(several.net.activation.kind == ActivationKind::tanh);
  CHECK(options({"-data_task", "regression", "-net_activation", "relu"}).net.activation.kind ==
        ActivationKind::relu);
  CHECK(!options({"-net_loss", "squared"}).data.task);
  const Options quantiles =
      options({"-net_loss", "pinball", "-net_quantile", "0.1,0.9", "-data_targets", "2"});
  CHECK(quantiles.net.quantiles == std::vector<double>{0.1, 0.9});
  const Options tube = options({"-net_loss", "epsilon_insensitive", "-net_epsilon", "0"});
  CHECK(tube.net.epsilon == 0.0);
  for (const Options& o : {several, quantiles, tube}) {
    const Options again = read_back(o);
    CHECK(used_yaml(again) == used_yaml(o));
    CHECK(again.data.label_column.columns.size() == o.data.label_column.columns.size());
    CHECK(again.data.targets == o.data.targets);
    CHECK(again.net.quantiles == o.net.quantiles);
  }
  const Options seen = as_regression(options({}), Command::train, 1);
  CHECK(seen.data.task == Task::regression);
  CHECK(seen.net.activation.kind == ActivationKind::tanh);
  CHECK_THROWS_AS(as_regression(options({"-net_loss", "softmax"}), Command::train, 1), BadInput);
}

TEST_CASE("used.yaml gives the same options back") {
  for (Options options : {Options{}, all_different(Sweep::blocks), all_different(Sweep::full),
                          all_different(Sweep::printed)}) {
    options.petsc = {"-log_view", ":log.xml:ascii_xml", "-malloc_dump", "-eps_nev", "-1"};
    const Options again = read_back(options);
    CHECK(meant(again) == meant(options));
    CHECK(again.notes.empty());
    CHECK(again.petsc == options.petsc);
    CHECK(used_yaml(again) == used_yaml(options));
  }
  const Options before = all_different(Sweep::printed), again = read_back(before);
  CHECK(taylor_options(again).beta == taylor_options(before).beta);  // to the last bit
  CHECK(again.data.train == before.data.train);
}

TEST_CASE("a used deck holds no key without a meaning, and remarks stand behind their values") {
  const std::string yaml = used_yaml(Options{}, "", {{"grid_rows", "here 2"}});
  CHECK_THAT(yaml, Contains("\n  sweep: blocks\n") && Contains("\n  rows: auto  # here 2\n"));
  for (const char* foreign : {"warmup", "gamma:", "hidden_z", "ridge_decay"})
    CHECK_THAT(yaml, !Contains(foreign));
}

TEST_CASE("differences name the key and both values") {
  Options before, after;
  after.net.hidden = {100, 200};
  taylor_options(after).ridge = .5;
  const auto found = differences(before, after);
  REQUIRE(found.size() == 2);
  CHECK((found[0].key == "net_hidden" && found[0].before == "none" && found[0].after == "100,200"));
  CHECK((found[1].key == "admm_ridge" && found[1].before == "auto" && found[1].after == "0.5"));
  CHECK(differences(after, after).empty());
}

TEST_CASE("help and the table of keys name every key; help fits 100 columns") {
  const std::string help = help_text(), table = keys_as_markdown();
  for (const Key& key : schema()) {
    CHECK_THAT(help, Contains("  -" + key.name));
    CHECK_THAT(table, Contains("| `-" + key.name));
  }
  std::string line;
  for (std::istringstream lines(help); std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() <= 100);
  }
  for (std::istringstream lines(table); std::getline(lines, line);) {
    INFO(line);
    CHECK(std::count(line.begin(), line.end(), '|') == 5);
  }
}
