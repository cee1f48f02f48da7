#include "checkpoint/crafted.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sys/stat.h>

#include "checkpoint/checkpoint_file.h"
#include "checkpoint/checkpoint_writer.h"
#include "checkpoint/hostile_files.h"
#include "checkpoint/inspect.h"
#include "checkpoint/sample_run.h"
#include "runtime/error.h"

namespace admmnet::test {

namespace {

void write_sample(const std::string& path, CheckpointContents contents) {
  SampleState state(ProcessGrid(MPI_COMM_SELF, 1, 1), 2);
  state.fill(contents.iteration);
  contents.state = state.view();
  WriteStatus status;
  write_checkpoint(path, contents, MPI_COMM_SELF, status);
}

constexpr const char* groups[] = {"/",      "/network", "/notes",
                                  "/state", "/history", "/state/layer_1"};
constexpr const char* data_sets[] = {"/network/hidden",
                                     "/network/class_labels",
                                     "/network/shift",
                                     "/network/scale",
                                     "/network/rotation",
                                     "/history/iteration",
                                     "/history/accuracy",
                                     "/state/layer_1/W",
                                     "/state/layer_1/b",
                                     "/state/layer_2/W",
                                     "/state/z",
                                     "/state/resync/eta",
                                     "/state/resync/steps",
                                     "/state/nothing/rows",
                                     "/index"};

struct Attribute {
  const char* object;
  const char* name;
};
constexpr Attribute integers[] = {
    {"/", "iteration"},     {"/", "steps"},          {"/", "steps_of_pass"},
    {"/", "finished"},      {"/", "ranks"},          {"/", "complete"},
    {"/network", "inputs"}, {"/network", "outputs"}, {"/network", "bias"}};
constexpr Attribute attributes[] = {{"/", "format"},
                                    {"/", "format_version"},
                                    {"/", "program"},
                                    {"/", "created_utc"},
                                    {"/", "ranks"},
                                    {"/", "grid"},
                                    {"/", "block"},
                                    {"/", "iteration"},
                                    {"/", "steps"},
                                    {"/", "steps_of_pass"},
                                    {"/", "finished"},
                                    {"/", "stop_reason"},
                                    {"/", "deck"},
                                    {"/", "complete"},
                                    {"/network", "inputs"},
                                    {"/network", "outputs"},
                                    {"/network", "activation"},
                                    {"/network", "slope"},
                                    {"/network", "loss"},
                                    {"/network", "bias"},
                                    {"/network", "scaling"},
                                    {"/notes", "data"},
                                    {"/index", "checksum"},
                                    {"/index", "attributes_checksum"}};

constexpr std::int64_t numbers[] = {-1,
                                    0,
                                    1,
                                    2,
                                    3,
                                    7,
                                    13,
                                    1000,
                                    std::numeric_limits<int>::max(),
                                    std::int64_t{1} << 31,
                                    (std::int64_t{1} << 32) + 13,
                                    std::int64_t{1} << 62,
                                    std::numeric_limits<std::int64_t>::max(),
                                    std::numeric_limits<std::int64_t>::min()};
const double reals[] = {std::nan(""), HUGE_VAL, -HUGE_VAL, -1.0, 0.0, 1e300, 1e-320, 2.5, 1.0, 2.0};

/// Types that HDF5 has, sound ones and odd ones.
Handle any_type(std::size_t choice) {
  const hid_t predefined[] = {H5T_STD_I8LE,       H5T_STD_I32LE,   H5T_STD_I64LE,  H5T_STD_I64BE,
                              H5T_STD_U64LE,      H5T_IEEE_F32LE,  H5T_IEEE_F64LE, H5T_IEEE_F64BE,
                              H5T_NATIVE_LDOUBLE, H5T_STD_REF_OBJ, H5T_STD_B64LE,  H5T_UNIX_D64LE};
  constexpr std::size_t count = std::size(predefined);
  const hsize_t big[] = {1000, 8};
  switch (choice % (count + 6)) {
    case count:
      return Handle(H5Tcreate(H5T_COMPOUND, 48), H5Tclose, "type");
    case count + 1:
      return Handle(H5Tarray_create2(H5T_STD_I64LE, 2, big), H5Tclose, "type");
    case count + 2:
      return Handle(H5Tvlen_create(H5T_STD_I64LE), H5Tclose, "type");
    case count + 3:
      return Handle(H5Tcreate(H5T_OPAQUE, 8), H5Tclose, "type");
    case count + 4: {
      Handle text(H5Tcopy(H5T_C_S1), H5Tclose, "type");
      H5Tset_size(text, H5T_VARIABLE);
      return text;
    }
    case count + 5: {
      constexpr std::size_t lengths[] = {1, 8, 40, 5000, 1100000};
      Handle text(H5Tcopy(H5T_C_S1), H5Tclose, "type");
      H5Tset_size(text, lengths[choice % std::size(lengths)]);
      return text;
    }
    default:
      return Handle(H5Tcopy(predefined[choice % (count + 6)]), H5Tclose, "type");
  }
}

Handle creation_list() {
  return Handle(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "list");
}

}  // namespace

CraftingTable::CraftingTable(Index steps) : good_(sample_contents(2, steps)) {
  const std::string path = folder_ / "good.h5";
  write_sample(path, good_);
  CheckpointContents another = good_;
  another.notes["data"] = "another file";
  write_sample(other(), another);
  bytes_ = read_bytes(path);
  mkfifo(pipe().c_str(), 0600);
}

void CraftingTable::make(const std::function<void(hid_t)>& change) const {
  write_bytes(bad(), bytes_);
  change_by_hdf5(bad(), change);
}

Verdict CraftingTable::reading() const {
  Verdict verdict;
  const Inspection report = inspect(bad(), MPI_COMM_SELF);
  try {
    const CheckpointFile file = CheckpointFile::open(bad(), MPI_COMM_SELF);
    file.require_network();
    file.verify();
    SampleState state(ProcessGrid(MPI_COMM_SELF, 1, 1), 2);
    file.load_state(state.view());
    verdict.contents = file.contents();
    if (!report.valid) verdict.message = "inspect refuses what is read: " + report.text;
  } catch (const Error& error) {
    if (error.code() != ExitCode::io_failure && error.code() != ExitCode::bad_input) throw;
    verdict.refused = true;
    verdict.message = error.what();
  }
  return verdict;
}

Verdict CraftingTable::reading_changed(const std::function<void(hid_t)>& change) const {
  make(change);
  return reading();
}

CraftedCase::CraftedCase(unsigned seed, unsigned number) : random_(1000003ULL * seed + number) {}

std::vector<hsize_t> CraftedCase::any_shape() {
  constexpr hsize_t extents[] = {0, 1, 2, 3, 7, 13, 14, 40, 100};
  std::vector<hsize_t> shape(below(4));
  for (hsize_t& extent : shape) extent = any_of(extents);
  return shape;
}

/// A sound attribute with another value.
void CraftedCase::attribute_value(hid_t f) {
  may_differ_ = true;
  const std::size_t choice = below(10);
  if (choice < 7) {
    const Attribute& a = any_of(integers);
    const std::int64_t value = any_of(numbers);
    text_ += std::string(" ") + a.object + " " + a.name + " = " + std::to_string(value);
    set_integer(f, a.object, a.name, value);
  } else if (choice == 7) {
    text_ += " pair";
    constexpr const char* pairs[] = {"grid", "block", "format_version"};
    set_integers(f, "/", any_of(pairs), {any_of(numbers), any_of(numbers)});
  } else if (choice == 8) {
    text_ += " slope";
    set_real(f, "/network", "slope", any_of(reals));
  } else {
    constexpr const char* names[] = {"activation", "loss", "scaling"};
    constexpr const char* texts[] = {"", "relu", "squared", "hinge", "none", "tilted", "\xff\xfe"};
    text_ += " name";
    set_text(f, "/network", any_of(names), any_of(texts));
  }
}

/// An attribute of any type and extent.
void CraftedCase::attribute_form(hid_t f) {
  const Attribute& a = any_of(attributes);
  const Handle type = any_type(below(1000));
  std::vector<hsize_t> shape = any_shape();
  if (H5Tget_size(type) > 1000) shape.clear();  // not gigabytes
  const Handle space =
      shape.empty()
          ? Handle(H5Screate(below(3) == 0 ? H5S_NULL : H5S_SCALAR), H5Sclose, "space")
          : Handle(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                   H5Sclose, "space");
  text_ += std::string(" form of ") + a.object + " " + a.name;
  may_differ_ = true;  // another note, or another number
  set_attribute(f, a.object, a.name, type, space, nullptr);
}

void CraftedCase::attribute_missing(hid_t f) {
  const Attribute& a = any_of(attributes);
  text_ += std::string(" without ") + a.object + " " + a.name;
  may_differ_ = true;
  delete_attribute(f, a.object, a.name);
}

void CraftedCase::many_attributes(hid_t f) {
  const std::size_t count = below(2) ? 3 : 1001, length = below(2) ? 10 : 100000;
  text_ += " " + std::to_string(count) + " attributes";
  may_differ_ = true;
  const char* group = groups[below(3)];
  for (std::size_t i = 0; i < count; ++i)
    set_text(f, group, "more" + std::to_string(i), std::string(i < 20 ? length : 1, 'a'));
}

/// A data set of other values or another shape, and the index's row with it.
void CraftedCase::values(hid_t f) {
  const char* name = data_sets[below(std::size(data_sets) - 1)];
  const bool integer = below(2) == 0;
  std::vector<hsize_t> shape = any_shape();
  if (below(20) == 0) shape = {1000000};
  text_ += std::string(" values of ") + name;
  may_differ_ = true;
  if (integer) {
    std::vector<std::int64_t> list(64);
    for (std::int64_t& value : list) value = below(2) ? 1 : any_of(numbers);
    set_integers_at(f, name, shape, list);
  } else {
    std::vector<double> list(64);
    for (std::size_t i = 0; i < list.size(); ++i)
      list[i] = below(3) ? static_cast<double>(i + 1) : any_of(reals);
    set_reals(f, name, shape, list);
  }
}

/// A data set whose elements lie elsewhere or in another form.
void CraftedCase::storage(hid_t f, const CraftingTable& table) {
  const char* name = any_of(data_sets);
  const Handle list = creation_list(), type = any_type(below(1000));
  std::vector<hsize_t> shape = any_shape();
  const std::string target = below(2) ? table.pipe() : table.other();
  const bool keep_row = below(2) == 0;
  text_ += std::string(" storage of ") + name;
  const std::size_t kind = below(5);
  if (kind == 0) H5Pset_layout(list, H5D_COMPACT);
  if (kind == 1 && !shape.empty()) {
    H5Pset_chunk(list, static_cast<int>(shape.size()),
                 std::vector<hsize_t>(shape.size(), 2).data());
    H5Pset_deflate(list, 1);
  }
  if (kind == 2) H5Pset_external(list, target.c_str(), 0, H5F_UNLIMITED);
  if (kind == 3 && !shape.empty()) {
    const Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                       H5Sclose, "space");
    H5Pset_virtual(list, space, target.c_str(), name, space);
  }
  if (kind == 4) H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY);
  may_differ_ = kind == 4;
  set_storage(f, name, type, shape, list, keep_row);
}

/// A group or data set that is a link to somewhere, or a hard link to another of them.
void CraftedCase::link(hid_t f, const CraftingTable& table) {
  const std::string from = below(2) ? any_of(data_sets) : groups[1 + below(std::size(groups) - 1)];
  const std::string to = below(2) ? any_of(data_sets) : any_of(groups);
  const std::string target = below(2) ? table.pipe() : table.other();
  text_ += " link " + from + " -> " + to;
  switch (below(3)) {
    case 0:
      return set_external_link(f, from, target, to);
    case 1:
      return set_soft_link(f, from, to);
    default:
      may_differ_ = true;
      H5Ldelete(f, from.c_str(), H5P_DEFAULT);
      H5Lcreate_hard(f, to.c_str(), f, from.c_str(), H5P_DEFAULT, H5P_DEFAULT);
  }
}

void CraftedCase::index(hid_t f) {
  std::vector<IndexRow> rows = read_rows(f);
  if (rows.empty()) return;
  IndexRow& row = rows[below(rows.size())];
  text_ += std::string(" index row of ") + row.name;
  may_differ_ = true;
  switch (below(6)) {
    case 0:
      std::swap(row, rows.back());
      rows.pop_back();
      break;
    case 1:
      rows.push_back(row);
      break;
    case 2:
      rows.resize(below(2) ? 0 : 3000, row);
      break;
    case 3:
      std::fill_n(row.name + below(20), 100, 'x');
      break;
    case 4:
      row.shape[1 + below(3)] = '9';
      break;
    default:
      row.checksum ^= 1ULL << below(64);
  }
  write_rows(f, rows);
}

/// What the index does not name: nobody may look at it.
void CraftedCase::extra(hid_t f, const CraftingTable& table) {
  text_ += " something more";
  constexpr const char* places[] = {"/more", "/network/more", "/history/more", "/state/more"};
  const char* place = any_of(places);
  if (below(2))
    H5Lcreate_external(table.pipe().c_str(), "/", f, place, H5P_DEFAULT, H5P_DEFAULT);
  else
    H5Gclose(H5Gcreate2(f, place, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

/// Bytes overwritten, cut off, or put before and behind.
void CraftedCase::bytes(const CraftingTable& table) {
  std::string content = read_bytes(table.bad());
  text_ += " bytes";
  switch (below(4)) {
    case 0:
      content.resize(below(content.size()));
      break;
    case 1:
      content.append(below(100000), 'x');
      break;
    case 2:
      content.insert(0, 512, 'x');
      break;
    default:
      for (std::size_t i = 0, count = 1 + below(8); i < count; ++i)
        content[below(content.size())] = static_cast<char>(random_());
  }
  write_bytes(table.bad(), content);
}

void CraftedCase::change(hid_t f, const CraftingTable& table) {
  switch (below(9)) {
    case 0:
    case 1:
      return attribute_value(f);
    case 2:
      return attribute_form(f);
    case 3:
      return below(3) ? attribute_missing(f) : many_attributes(f);
    case 4:
      return values(f);
    case 5:
      return storage(f, table);
    case 6:
      return link(f, table);
    case 7:
      return index(f);
    default:
      return extra(f, table);
  }
}

void CraftedCase::make(const CraftingTable& table) {
  table.make([&](hid_t f) {
    try {
      for (std::size_t i = 0, count = 1 + below(2); i < count; ++i) change(f, table);
      if (below(5) > 0) reseal(f);
    } catch (const Error&) {
      text_ += " (as far as HDF5 makes it)";
    }
  });
  if (below(8) == 0) bytes(table);
}

}  // namespace admmnet::test
