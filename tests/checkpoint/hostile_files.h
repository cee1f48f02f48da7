/// Makes damaged, foreign and crafted files out of a good checkpoint. Rank 0 only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <hdf5.h>

#include "checkpoint/catalogue.h"
#include "checkpoint/hdf5_index.h"

namespace admmnet::test {

std::string read_bytes(const std::string& path);
void write_bytes(const std::string& path, const std::string& bytes);

/// Opens a copy of the checkpoint by HDF5 itself, for a change that HDF5 considers sound. New
/// objects are in the format of the checkpoint's own.
void change_by_hdf5(const std::string& path, const std::function<void(hid_t)>& change);

// ---- attributes: replace one of any form. `object`: path of a group or data set ----
void set_attribute(hid_t file, const std::string& object, const std::string& name, hid_t type,
                   hid_t space, const void* bytes);
void set_integer(hid_t file, const std::string& object, const std::string& name, long long value);
void set_integers(hid_t file, const std::string& object, const std::string& name,
                  const std::vector<long long>& values);
void set_real(hid_t file, const std::string& object, const std::string& name, double value);
void set_text(hid_t file, const std::string& object, const std::string& name,
              const std::string& text);
void delete_attribute(hid_t file, const std::string& object, const std::string& name);

// ---- data sets ----
/// Replaces a data set by a contiguous one with these elements (without `values`: of zeros, most of
/// them holes of the file), and the index's row with it.
void set_reals(hid_t file, const std::string& name, const std::vector<hsize_t>& shape,
               const std::vector<double>& values);
void set_integers_at(hid_t file, const std::string& name, const std::vector<hsize_t>& shape,
                     const std::vector<std::int64_t>& values);
/// Replaces a data set by one made with this creation list; the index's row says so unless it is
/// told to stay.
void set_storage(hid_t file, const std::string& name, hid_t type, const std::vector<hsize_t>& shape,
                 hid_t creation, bool keep_row = false);
/// Replaces a data set by one of this shape without elements, and the index's row with it: what a
/// file could claim at its worst.
void claim_shape(hid_t file, const std::string& name, const std::vector<hsize_t>& shape);

// ---- links ----
void set_soft_link(hid_t file, const std::string& name, const std::string& target);
void set_external_link(hid_t file, const std::string& name, const std::string& other_file,
                       const std::string& target);

// ---- the index ----
std::vector<IndexRow> read_rows(hid_t file);
/// Replaces the index by these rows. Its checksums follow with reseal().
void write_rows(hid_t file, const std::vector<IndexRow>& rows);
/// Makes both checksums of the index right, as far as the file still has what they are of.
void reseal(hid_t file);

}  // namespace admmnet::test
