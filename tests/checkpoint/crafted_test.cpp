// Checkpoints that HDF5 finds sound and whose checksums hold, and that lead elsewhere or contradict
// themselves. Each row: what is done to a good file, and what the message must name. One process.
#include "checkpoint/crafted_rows.h"

using namespace admmnet;
using namespace admmnet::test;

namespace {

Handle creation_list() {
  return Handle(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "list");
}

/// A data set whose elements are those of another file.
void make_virtual(hid_t f, const std::string& name, const std::string& source,
                  const std::vector<hsize_t>& shape) {
  const Handle list = creation_list();
  const Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                     H5Sclose, "space");
  check_hdf5(H5Pset_virtual(list, space, source.c_str(), name.c_str(), space), "virtual");
  set_storage(f, name, H5T_IEEE_F64LE, shape, list);
}

}  // namespace

TEST_CASE("links and storage that leave the file are never followed") {
  // The pipe has no writer: whoever opens it waits for ever. The other file is a good checkpoint.
  const CraftingTable table;
  const std::string pipe = table.pipe(), other = table.other();
  std::vector<Row> rows;
  for (const std::string& target : {pipe, other})
    for (const char* path : {"/network", "/notes", "/index", "/state", "/history", "/state/z",
                             "/network/hidden", "/history/accuracy", "/state/resync/eta"})
      rows.push_back({path,
                      [=](hid_t f) { set_external_link(f, path, target, path); },
                      {path, "is an external link, which is not followed"}});
  for (const std::string& target : {pipe, other}) {
    rows.push_back({"external storage",
                    [=](hid_t f) {
                      const Handle list = creation_list();
                      H5Pset_external(list, target.c_str(), 0, H5F_UNLIMITED);
                      set_storage(f, "/network/shift", H5T_IEEE_F64LE, {13}, list);
                    },
                    {"/network/shift is stored in external files; expected one piece"}});
    rows.push_back({"virtual",
                    [=](hid_t f) {
                      make_virtual(f, "/state/z", target, {40, 5});
                    },
                    {"/state/z is stored in other data sets (virtual)"}});
  }
  rows.push_back({"soft link through an external one",
                  [=](hid_t f) {
                    set_external_link(f, "/away", other, "/");
                    set_soft_link(f, "/state/z", "/away/state/z");
                  },
                  {"/state/z is a soft link, which is not followed"}});
  rows.push_back({"soft link to itself",
                  [](hid_t f) { set_soft_link(f, "/network", "/network"); },
                  {"/network is a soft link"}});
  rows.push_back({"chunks",
                  [](hid_t f) {
                    const Handle list = creation_list();
                    const hsize_t chunk[] = {4, 5};
                    H5Pset_chunk(list, 2, chunk);
                    H5Pset_deflate(list, 9);
                    set_storage(f, "/state/z", H5T_IEEE_F64LE, {40, 5}, list);
                  },
                  {"/state/z is stored in chunks"}});
  check_rows(rows);
}

TEST_CASE("attributes of another kind or extent are not read into memory") {
  const std::uint64_t words[40] = {};
  const hsize_t forty = 40;
  const Handle list(H5Screate_simple(1, &forty, nullptr), H5Sclose, "space");
  check_rows(
      {{"checksum of the index, 40 of them",
        [&](hid_t f) { set_attribute(f, "/index", "checksum", H5T_STD_U64LE, list, words); },
        {"'checksum' of /index is an array of 40 integers of 8 bytes without sign; expected one "
         "unsigned integer"}},
       {"checksum of the attributes, 40 of them",
        [&](hid_t f) {
          set_attribute(f, "/index", "attributes_checksum", H5T_STD_U64LE, list, words);
        },
        {"'attributes_checksum' of /index is an array of 40 integers"}},
       {"iteration, 40 of them",
        [&](hid_t f) { set_attribute(f, "/", "iteration", H5T_STD_I64LE, list, words); },
        {"'iteration' of / is an array of 40 integers of 8 bytes; expected one integer"}},
       {"a real iteration",
        [](hid_t f) { set_real(f, "/", "iteration", 2.5); },
        {"'iteration' of / is one real number of 8 bytes; expected one integer"}},
       {"slope, an integer",
        [](hid_t f) { set_integer(f, "/network", "slope", 1); },
        {"'slope' of /network is one integer of 8 bytes; expected one real number"}},
       {"a grid of three",
        [](hid_t f) {
          set_integers(f, "/", "grid", {1, 1, 1});
        },
        {"'grid' of / is an array of 3 integers of 8 bytes; expected a list of 2"}},
       {"a note that is a number",
        [](hid_t f) { set_real(f, "/notes", "data", 1.0); },
        {"'data' of /notes is one real number of 8 bytes; expected a text"}},
       {"a deck of 2 MiB",
        [](hid_t f) { set_text(f, "/", "deck", std::string(2 << 20, 'a')); },
        {"'deck' of / is one text of 2097153 bytes; expected a text of at most 1048576 bytes"}},
       {"a program's name of 5000 bytes",
        [](hid_t f) { set_text(f, "/", "program", std::string(5000, 'a')); },
        {"'program' of / is one text of 5001 bytes; expected a text of at most 256 bytes"}},
       {"1100 notes",
        [](hid_t f) {
          for (int i = 0; i < 1100; ++i) set_text(f, "/notes", "n" + std::to_string(i), "");
        },
        {"/notes has 1102 attributes; expected at most 1000"}},
       {"an attribute of 70 MB that nobody asks for",
        [](hid_t f) {
          const Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "type");
          const Handle one(H5Screate(H5S_SCALAR), H5Sclose, "space");
          H5Tset_size(type, 70000000);
          set_attribute(f, "/network", "more", type, one, nullptr);
        },
        {"the attributes of /network take 7000", "expected at most 67108864"}},
       {"40 MB of notes",
        [](hid_t f) {
          for (int i = 0; i < 40; ++i)
            set_text(f, "/notes", "n" + std::to_string(i), std::string(1000000, 'a'));
        },
        {"more than 33554432 bytes of text"}}});
}

TEST_CASE("attributes have a checksum") {
  check_rows({{"iteration",
               [](hid_t f) { set_integer(f, "/", "iteration", 1); },
               {"attributes of /, /network and /notes do not have their checksum"}},
              {"finished",
               [](hid_t f) { set_integer(f, "/", "finished", 1); },
               {"do not have their checksum"}},
              {"a version without checksums",
               [](hid_t f) {
                 set_integers(f, "/", "format_version", {1, 0});
               },
               {"do not have their checksum"}},
              {"a note",
               [](hid_t f) { set_text(f, "/notes", "data", "Sample"); },
               {"do not have their checksum"}},
              {"a scaling",
               [](hid_t f) { set_text(f, "/network", "scaling", "none"); },
               {"do not have their checksum"}},
              {"no checksum",
               [](hid_t f) { delete_attribute(f, "/index", "attributes_checksum"); },
               {"'attributes_checksum' of /index is missing"}}});
}
