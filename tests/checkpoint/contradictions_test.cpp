// Checkpoints that HDF5 finds sound, whose checksums hold, and that contradict themselves. One
// process.
#include <algorithm>
#include <limits>

#include "checkpoint/checkpoint_file.h"
#include "checkpoint/crafted_rows.h"
#include "checkpoint/sample_run.h"
#include "runtime/error.h"

using namespace admmnet;
using namespace admmnet::test;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("a network that contradicts itself") {
  const auto network = [](const char* name, long long value) {
    return sealed([=](hid_t f) { set_integer(f, "/network", name, value); });
  };
  const auto real = [](const char* name, double value) {
    return sealed([=](hid_t f) { set_real(f, "/network", name, value); });
  };
  const auto reals = [](const char* name, std::vector<hsize_t> shape, double value = 1.0) {
    return [=](hid_t f) { set_reals(f, name, shape, std::vector<double>(200, value)); };
  };
  const auto integers = [](const char* name, std::vector<std::int64_t> values) {
    return [=](hid_t f) { set_integers_at(f, name, {values.size()}, values); };
  };
  // Of no other scaling than sqn, so that the good file has none.
  const auto unit = [](const Change& change) {
    return [=](hid_t f) {
      std::vector<IndexRow> rows = read_rows(f);
      rows.push_back(rows.back());
      std::copy_n("/network/unit", 14, rows.back().name);
      write_rows(f, rows);
      change(f);
    };
  };
  const std::vector<std::int64_t> ones(1000000, 1);
  check_rows(
      {{"-1 outputs",
        network("outputs", -1),
        {"'outputs' of /network is -1; expected 1 to 2147483647"}},
       {"2^31 inputs", network("inputs", 1LL << 31), {"'inputs' of /network is 2147483648"}},
       {"12 inputs", network("inputs", 12), {"/network/shift has the shape (13); expected"}},
       {"2 outputs",
        network("outputs", 2),
        {"/network/class_labels names 3 classes; expected 2 for 2 output(s)"}},
       {"fewer class labels than outputs",
        integers("/network/class_labels", {4, 9}),
        {"/network/class_labels names 2 classes; expected 3 for 3 output(s)"}},
       {"no class labels", integers("/network/class_labels", {}), {"names 0 classes"}},
       {"a class twice",
        integers("/network/class_labels", {4, 9, 4}),
        {"/network/class_labels at 2 repeats a label"}},
       {"one output of a loss that needs more",
        [](hid_t f) {
          set_integers_at(f, "/network/class_labels", {2}, {0, 1});
          set_integer(f, "/network", "outputs", 1);
          reseal(f);
        },
        {"names 2 classes; expected two outputs at least"}},
       {"a million hidden layers",
        integers("/network/hidden", ones),
        {"/network/hidden names 1000000 hidden layers; expected fewer: the file has 16 data sets"}},
       {"another hidden layer",
        integers("/network/hidden", {7, 7}),
        {"/state/layer_3/W is missing; /network/hidden names 2 hidden layers"}},
       {"a hidden layer fewer",
        integers("/network/hidden", {}),
        {"/state/layer_1/W has the shape (13, 7); expected (13, 3)"}},
       {"a wider hidden layer",
        integers("/network/hidden", {8}),
        {"/state/layer_1/W has the shape (13, 7); expected (13, 8)"}},
       {"a hidden layer of -1",
        integers("/network/hidden", {-1}),
        {"/network/hidden at 0 is -1; expected 1 to 2147483647"}},
       {"hidden layers in two dimensions",
        [](hid_t f) {
          set_integers_at(f, "/network/hidden", {1, 1}, {7});
        },
        {"/network/hidden has the shape (1, 1); expected a list"}},
       {"shift of another size",
        reals("/network/shift", {12}),
        {"/network/shift has the shape (12); expected (0) or (1) or (13)"}},
       {"scale of another size",
        reals("/network/scale", {14}),
        {"/network/scale has the shape (14); expected (0) or (1) or (13)"}},
       {"rotation of another size",
        reals("/network/rotation", {13, 12}),
        {"/network/rotation has the shape (13, 12); expected (0) or (13, 13)"}},
       {"components without a rotation",
        sealed([](hid_t f) { set_integer(f, "/network", "features", 13); }),
        {"/network/rotation has the shape (0); expected (13, 13)"}},
       {"fewer features than components",
        sealed([](hid_t f) { set_integer(f, "/network", "features", 12); }),
        {"'features' of /network is 12; expected 13 to 2147483647"}},
       {"a scale of NaN",
        reals("/network/scale", {1}, not_a_number),
        {"/network/scale at 0 is nan; expected finite numbers"}},
       {"a unit of NaN",
        unit(reals("/network/unit", {}, not_a_number)),
        {"/network/unit is nan; expected 1e-100 to 1e+100"}},
       {"a unit of 0", unit(reals("/network/unit", {}, 0.0)), {"/network/unit is 0; expected"}},
       {"a unit of -255", unit(reals("/network/unit", {}, -255.0)), {"/network/unit is -255;"}},
       {"a list of units",
        unit(reals("/network/unit", {13})),
        {"/network/unit has the shape (13); expected ()"}},
       {"an integer as unit",
        unit([](hid_t f) { set_integers_at(f, "/network/unit", {}, {255}); }),
        {"/network/unit"}},
       {"a unit that is not there", unit([](hid_t) {}), {"/network/unit"}},
       {"a shift of infinity",
        reals("/network/shift", {13}, infinity),
        {"/network/shift at 0 is inf"}},
       {"a slope of NaN",
        sealed([](hid_t f) { set_real(f, "/network", "slope", not_a_number); }),
        {"'slope' of /network is nan"}},
       {"a temperature of NaN",
        real("temperature", not_a_number),
        {"'temperature' of /network is nan; expected 1e-06 to 1e+06"}},
       {"a temperature of 0", real("temperature", 0.0), {"'temperature' of /network is 0;"}},
       {"a temperature of -1", real("temperature", -1.0), {"'temperature' of /network is -1;"}},
       {"a temperature of 1e300",
        real("temperature", 1e300),
        {"'temperature' of /network is 1e+300;"}},
       {"a temperature that is an integer",
        network("temperature", 2),
        {"'temperature' of /network is one integer of 8 bytes; expected one real number"}},
       {"a label smoothing of 1",
        real("label_smoothing", 1.0),
        {"'label_smoothing' of /network is 1; expected a number in [0, 1)"}},
       {"a label smoothing of NaN", real("label_smoothing", not_a_number), {"is nan; expected"}},
       {"an unknown scaling",
        sealed([](hid_t f) { set_text(f, "/network", "scaling", "tilted"); }),
        {"'scaling' of /network is 'tilted'; this program knows none"}},
       {"no bias",
        [](hid_t f) {
          set_reals(f, "/state/layer_2/b", {1, 4}, {});
        },
        {"/state/layer_2/b has the shape (1, 4); expected (1, 3)"}}});
}

TEST_CASE("a history and counters that contradict each other") {
  const auto root = [](const char* name, long long value) {
    return sealed([=](hid_t f) { set_integer(f, "/", name, value); });
  };
  const auto iterations = [](const std::vector<double>& values) {
    return [=](hid_t f) { set_reals(f, "/history/iteration", {values.size()}, values); };
  };
  const long long largest = std::numeric_limits<long long>::max();
  check_rows({{"finished without a history",
               sealed([](hid_t f) {
                 set_reals(f, "/history/iteration", {0}, {});
                 set_reals(f, "/history/accuracy", {0}, {});
                 set_integer(f, "/", "finished", 1);
               }),
               {"/history/", "has the shape (0); expected (2)"}},
              {"finished at iteration 0",
               sealed([](hid_t f) {
                 set_integer(f, "/", "iteration", 0);
                 set_integer(f, "/", "finished", 1);
               }),
               {"'finished' of / is 1 at iteration 0"}},
              {"finished is 7", root("finished", 7), {"'finished' of / is 7; expected 0 to 1"}},
              {"no column of iterations",
               [](hid_t f) {
                 std::vector<IndexRow> rows = read_rows(f);
                 rows.erase(std::remove_if(rows.begin(), rows.end(),
                                           [](const IndexRow& row) {
                                             return std::string(row.name) == "/history/iteration";
                                           }),
                            rows.end());
                 write_rows(f, rows);
               },
               {"/history/iteration is missing"}},
              {"an iteration of NaN",
               iterations({1.0, not_a_number}),
               {"/history/iteration at 1 is nan; expected 2"}},
              {"an iteration of 1e300",
               iterations({1e300, 2.0}),
               {"/history/iteration at 0 is 1e+300; expected 1"}},
              {"iteration 2^63 - 1",
               root("iteration", largest),
               {"/history/iteration has the shape (2); expected (9223372036854775807)"}},
              {"iteration -1", root("iteration", -1), {"'iteration' of / is -1; expected 0 to"}},
              {"2^63 - 1 ranks", root("ranks", largest), {"'ranks' of / is 9223372036854775807"}},
              {"a grid of -1",
               sealed([](hid_t f) {
                 set_integers(f, "/", "grid", {-1, 2});
               }),
               {"'grid' of / is -1; expected 0 to 2147483647"}}});
}

TEST_CASE("a place in a pass that there is not") {
  const auto steps = [](long long done, long long all) {
    return sealed([=](hid_t f) {
      set_integer(f, "/", "steps", done);
      set_integer(f, "/", "steps_of_pass", all);
    });
  };
  const long long largest = std::numeric_limits<long long>::max();
  const char *of_pass = "'steps_of_pass' of / is ", *done = "'steps' of / is ";
  check_rows({{"none of a pass", steps(0, 22), {done, "0; expected 1 to 21"}},
              {"all of a pass", steps(22, 22), {done, "22; expected 1 to 21"}},
              {"-1 steps", steps(-1, 22), {done, "-1; expected 1 to 21"}},
              {"2^63 - 1 steps", steps(largest, 22), {done, "9223372036854775807; expected 1 to"}},
              {"a pass of one step", steps(1, 1), {of_pass, "1; expected 2 to"}},
              {"a pass of -1 steps", steps(17, -1), {of_pass, "-1; expected 2 to"}},
              {"no steps",
               sealed([](hid_t f) { delete_attribute(f, "/", "steps"); }),
               {done, "0; expected 1 to 21"}},
              {"no steps of the pass",
               sealed([](hid_t f) { delete_attribute(f, "/", "steps_of_pass"); }),
               {of_pass, "0; expected 2 to"}},
              {"real steps",
               [](hid_t f) { set_real(f, "/", "steps", 1.5); },
               {done, "one real number of 8 bytes; expected one integer"}},
              {"finished in a pass",
               sealed([](hid_t f) { set_integer(f, "/", "finished", 1); }),
               {"'finished' of / is 1 in the middle of a pass; expected 0"}},
              {"the end of a pass by its version",
               sealed([](hid_t f) {
                 set_integers(f, "/", "format_version", {1, 1});
               }),
               {of_pass, "22; expected 0"}}},
             17);
  check_rows({{"steps at the end of a pass",
               sealed([](hid_t f) { set_integer(f, "/", "steps", 3); }),
               {done, "3; expected 0"}},
              {"in a pass by its version",
               sealed([](hid_t f) {
                 set_integers(f, "/", "format_version", {2, 1});
               }),
               {of_pass, "0; expected 2 to"}}});
}

TEST_CASE("an index that contradicts the file") {
  const auto rows = [](const std::function<void(std::vector<IndexRow>&)>& change) {
    return [=](hid_t f) {
      std::vector<IndexRow> list = read_rows(f);
      change(list);
      write_rows(f, list);
    };
  };
  check_rows({{"a row twice",
               rows([](auto& list) { list.push_back(list[3]); }),
               {"/index names /network/", "twice"}},
              {"a relative name",
               rows([](auto& list) { list[0].name[0] = 'x'; }),
               {"which is no full path"}},
              {"a group",
               rows([](auto& list) { std::copy_n("/state", 7, list[0].name); }),
               {"/state is not a data set"}},
              {"a name without end",
               rows([](auto& list) { std::fill_n(list[0].name + 1, 127, 'a'); }),
               {"cannot open the data set /aaaa"}},
              {"200 000 rows",
               rows([](auto& list) { list.resize(200000, list[0]); }),
               {"/index has 200000 rows; expected at most 100000"}},
              {"another shape",
               rows([](auto& list) { std::copy_n("(9)", 4, list[0].shape); }),
               {"the index says (9)"}},
              {"another type",
               rows([](auto& list) { std::copy_n("f32", 4, list[0].type); }),
               {"is not of the type that the index says (f32)"}},
              {"integers as weights",
               [](hid_t f) {
                 set_integers_at(f, "/state/layer_1/W", {13, 7}, {});
               },
               {"/state/layer_1/W holds integers; expected real numbers"}},
              {"real labels",
               [](hid_t f) {
                 set_reals(f, "/network/class_labels", {3}, {1, 2, 3});
               },
               {"/network/class_labels is missing or of a wrong type"}},
              {"a data set without shape",
               [](hid_t f) {
                 H5Ldelete(f, "/state/resync/eta", H5P_DEFAULT);
                 const Handle space(H5Screate(H5S_NULL), H5Sclose, "space");
                 H5Dclose(H5Dcreate2(f, "/state/resync/eta", H5T_IEEE_F64LE, space, H5P_DEFAULT,
                                     H5P_DEFAULT, H5P_DEFAULT));
               },
               {"/state/resync/eta has no shape"}}});
}

TEST_CASE("a state is read back within its bounds") {
  const CraftingTable table;
  const ProcessGrid grid(MPI_COMM_SELF, 1, 1);
  const auto loading = [&](const Change& change) {
    table.make(change);
    SampleState state(grid, 2);
    StateView view = state.view();
    for (StateTensor& tensor : view.tensors) tensor.finite = tensor.path == "layer_1/b";
    view.scalars[0].least = 0.0;
    view.scalars[0].most = 1.0;
    view.scalars[1].least = 0.0;
    view.scalars[1].most = largest_count;
    try {
      CheckpointFile::open(table.bad(), MPI_COMM_SELF).load_state(view);
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::io_failure);
      return std::string(error.what());
    }
    return std::string();
  };
  const auto eta = [](double value) {
    return [=](hid_t f) { set_reals(f, "/state/resync/eta", {}, {value}); };
  };
  const auto bias = [](double value) {
    return [=](hid_t f) { set_reals(f, "/state/layer_1/b", {1, 7}, {0.5, 1, 2, 3, 4, value, 6}); };
  };
  const std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  const auto steps = [&](const Change& change) { return loading(change); };
  CHECK(loading(bias(5.0)).empty());
  CHECK_THAT(loading(bias(not_a_number)),
             Catch::Contains("is not a usable checkpoint: the data set "
                             "/state/layer_1/b holds NaN or infinity at (0, 5)"));
  CHECK_THAT(loading(bias(-infinity)), Catch::Contains("/state/layer_1/b holds NaN or infinity"));
  CHECK_THAT(loading(sealed([&](hid_t f) {
               bias(1.0)(f);
               eta(not_a_number)(f);
             })),
             Catch::Contains("the data set /state/resync/eta is nan; expected 0 to 1"));
  CHECK_THAT(loading(eta(-1.0)), Catch::Contains("/state/resync/eta is -1; expected 0 to 1"));
  CHECK_THAT(steps([&](hid_t f) { set_integers_at(f, "/state/resync/steps", {}, {largest}); }),
             Catch::Contains("/state/resync/steps is 9223372036854775807; expected 0 to 1e+15"));
  CHECK_THAT(steps([&](hid_t f) { set_integers_at(f, "/state/resync/steps", {}, {-1}); }),
             Catch::Contains("/state/resync/steps is -1"));
}
