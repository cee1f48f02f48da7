/// Makes damaged and foreign files out of a good checkpoint. Rank 0 only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <hdf5.h>

#include "checkpoint/catalogue.h"

namespace admmnet::test {

std::string read_bytes(const std::string& path);
void write_bytes(const std::string& path, const std::string& bytes);

/// Opens a copy of the checkpoint by HDF5 itself, for a change that HDF5 considers sound.
void change_by_hdf5(const std::string& path, const std::function<void(hid_t)>& change);

void set_integers(hid_t object, const char* attribute, const std::vector<long long>& values);
void set_text(hid_t object, const char* attribute, const std::string& text);

/// Replaces a data set by one of this shape without elements, and the index's row with it,
/// checksums of the index included: what a file could claim at its worst.
void claim_shape(hid_t file, const char* name, const std::vector<hsize_t>& shape,
                 const std::vector<DataSet>& index);

}  // namespace admmnet::test
