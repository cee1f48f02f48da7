#include "config/describe.h"

#include <algorithm>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "config/deck.h"
#include "config/parse.h"
#include "config/schema.h"

using namespace admmnet;
using Catch::Matchers::Contains;

namespace {

// Options in which no key has its default, free of contradictions.
Options all_different() {
  Options o;
  o.data.format = DataFormat::csv;
  o.data.dir = "a folder";
  o.data.train = "quoted \"x\" and \\ and # and: more";
  o.data.test = "true";
  o.data.label_column = LabelColumn::none;
  o.data.header = Header::yes;
  o.data.missing = Missing::drop;
  o.data.classes = {"3", "-1", "Iris: \"x\"", "yes"};
  o.data.train_limit = 1000;
  o.data.validation = 0;
  o.data.scaling = Scaling::whiten;
  o.net = {{5, 6}, {ActivationKind::hard_tanh, 1.0 / 3}, Loss::hinge, false};
  o.init = {InitScheme::zero, 9000000000};
  o.train = {Method::taylor, 3, 1e-7, 0, false};
  o.admm.sweep = Sweep::printed;
  o.admm.blocks = 1;
  o.admm.beta = {1, .1, 1.0 / 3};
  o.admm.gamma = {1e-5, 2};
  o.admm.ridge = 1e-6;
  o.admm.ridge_hidden = 2e-6;
  o.admm.ridge_output = 0;
  o.admm.ridge_decay = 1;
  o.admm.warmup = 0;
  o.admm.multiplier = Multiplier::residual;
  o.admm.step = 2;
  o.admm.step_output = 3;
  o.admm.proximal = 4;
  o.admm.proximal_output = 5;
  o.admm.momentum = 0;
  o.admm.damping = .01;
  o.admm.penalty_ratio = 123456789.5;
  o.admm.gram_memory = 0;
  o.admm.gram_every = 5;
  o.admm.step_clip = .02;
  o.admm.hidden_z = HiddenZ::recompute;
  o.grid = {2, 64};
  o.linalg = {WeightSolver::cholesky, ActivationSolver::correction, Precision::single};
  o.ckpt = {1, .5, 3};
  o.run = {"no", "~", "none", "null", 90000.0, "[1, 2]", 7.5, true, true};
  o.plan = {4, 30.0, 1e-6, 2.0, 0.5, 7, 8, 9, {2, 4}, Growth::samples, "t.csv"};
  o.inspect.json = true;
  return o;
}

// Keys that have one value only, or that the contradictions leave no other.
const std::set<std::string> without_choice{"train_method", "train_patience", "data_test_last",
                                           "data_pool"};

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
  const Options changed = all_different();
  for (const Key& key : schema()) {
    INFO(key.name);
    Options o;
    REQUIRE(key.read(key.write(changed), o));
    const auto different = differences(Options{}, o);
    REQUIRE(different.size() == (without_choice.count(key.name) ? 0 : 1));
    if (!different.empty()) CHECK(different[0].key == key.name);
  }
}

TEST_CASE("used.yaml gives the same options back") {
  for (Options options : {Options{}, all_different()}) {
    options.petsc = {"-log_view", ":log.xml:ascii_xml", "-malloc_dump", "-eps_nev", "-1"};
    const Options again = read_back(options);
    CHECK(values(again) == values(options));
    CHECK(again.petsc == options.petsc);
    CHECK(used_yaml(again) == used_yaml(options));
  }
  const Options again = read_back(all_different());
  CHECK(again.admm.beta == all_different().admm.beta);  // to the last bit
  CHECK(again.data.train == all_different().data.train);
}

TEST_CASE("differences name the key and both values") {
  Options before, after;
  after.net.hidden = {100, 200};
  after.admm.ridge = .5;
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
