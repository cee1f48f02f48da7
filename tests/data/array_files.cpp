#include "array_files.h"

#include <cstdint>
#include <cstring>

#include <zlib.h>

#include "runtime/communicator.h"
#include "support/mpi_check.h"

namespace admmnet::test {

std::vector<double> Numbers::values() const {
  std::vector<double> all;
  for (Index s = 0; s < samples; ++s)
    for (Index f = 0; f < features; ++f) all.push_back(value(s, f));
  return all;
}

std::vector<double> Numbers::labels() const {
  std::vector<double> all;
  for (Index s = 0; s < samples; ++s) all.push_back(label(s));
  return all;
}

std::string Numbers::csv() const {
  std::string text;
  for (Index s = 0; s < samples; ++s) {
    for (Index f = 0; f < features; ++f) text += std::to_string(value(s, f)) + ",";
    text += std::to_string(label(s)) + "\n";
  }
  return text;
}

Hdf5Maker::Hdf5Maker(const std::string& path) {
  silence_hdf5();
  if (rank_of(MPI_COMM_WORLD) == 0)
    file_ = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  REQUIRE_ALL(file_ >= 0 || rank_of(MPI_COMM_WORLD) > 0);
}

Hdf5Maker::~Hdf5Maker() {
  if (file_ >= 0) H5Fclose(file_);
  MPI_Barrier(MPI_COMM_WORLD);
}

namespace {

Handle creation_of(DataLayout storage, const std::vector<hsize_t>& extents) {
  Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "test");
  if (storage == DataLayout::compact) H5Pset_layout(creation, H5D_COMPACT);
  if (storage == DataLayout::chunked || storage == DataLayout::deflated) {
    const std::vector<hsize_t> chunk = {7, 2};
    H5Pset_chunk(creation, static_cast<int>(extents.size()), chunk.data());
  }
  if (storage == DataLayout::deflated) H5Pset_deflate(creation, 1);
  return creation;
}

}  // namespace

void Hdf5Maker::add(const std::string& name, const std::vector<hsize_t>& extents,
                    const std::vector<double>& values, hid_t type, DataLayout storage) {
  if (file_ < 0) return;
  const Handle space(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr),
                     H5Sclose, "test");
  const Handle creation = creation_of(storage, extents);
  const Handle set(H5Dcreate2(file_, name.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT),
                   H5Dclose, "test");
  H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
}

void Hdf5Maker::add_texts(const std::string& name, const std::vector<std::string>& texts,
                          bool variable) {
  if (file_ < 0) return;
  constexpr std::size_t width = 12;
  const hsize_t count = texts.size();
  const Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose, "test");
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "test");
  H5Tset_size(type, variable ? H5T_VARIABLE : width);
  const Handle set(
      H5Dcreate2(file_, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose,
      "test");
  std::vector<const char*> pointers;
  std::string fixed(count * width, '\0');
  for (std::size_t i = 0; i < count; ++i) {
    pointers.push_back(texts[i].c_str());
    std::memcpy(&fixed[i * width], texts[i].data(), texts[i].size());
  }
  H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
           variable ? static_cast<const void*>(pointers.data()) : fixed.data());
}

void Hdf5Maker::add(const Numbers& numbers, hid_t type, DataLayout storage) {
  const auto samples = static_cast<hsize_t>(numbers.samples);
  add("/x", {samples, static_cast<hsize_t>(numbers.features)}, numbers.values(), type, storage);
  add("/y", {samples}, numbers.labels(), type,
      storage == DataLayout::compact ? storage : DataLayout::contiguous);
}

void Hdf5Maker::add_sparse(const std::string& name, const Numbers& numbers) {
  std::vector<double> data, indices, begins = {0};
  for (Index s = 0; s < numbers.samples; ++s) {
    for (Index k = 0; k < numbers.features; ++k) {
      const Index f =
          s % 2 == 0 ? k : numbers.features - 1 - k;  // scipy sorts rows only when asked
      if ((s + f) % 3 != 0 && f != 0) continue;
      data.push_back(numbers.value(s, f));
      indices.push_back(static_cast<double>(f));
    }
    begins.push_back(static_cast<double>(data.size()));
  }
  if (file_ >= 0) {
    const Handle group(H5Gcreate2(file_, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                       H5Gclose, "test");
    const Index shape[] = {numbers.samples, numbers.features};
    const hsize_t two = 2;
    const Handle space(H5Screate_simple(1, &two, nullptr), H5Sclose, "test");
    const Handle attribute(
        H5Acreate2(group, "shape", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
        "test");
    H5Awrite(attribute, H5T_NATIVE_INT64, shape);
  }
  add(name + "/data", {data.size()}, data, H5T_IEEE_F64LE);
  add(name + "/indices", {indices.size()}, indices, H5T_STD_I32LE);
  add(name + "/indptr", {begins.size()}, begins, H5T_STD_I32LE);
}

// ---- numpy ----

std::string npy_bytes(const std::string& descr, const std::string& shape, bool by_columns,
                      const std::string& elements) {
  std::string header = "{'descr': " + descr +
                       ", 'fortran_order': " + (by_columns ? "True" : "False") +
                       ", 'shape': " + shape + ", }";
  while ((header.size() + 11) % 64 != 0) header += ' ';
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += std::string("\1\0", 2) + static_cast<char>(header.size() & 255) +
           static_cast<char>(header.size() >> 8);
  return bytes + header + elements;
}

namespace {

template <class T>
std::string bytes_as(const std::vector<double>& values) {
  std::string bytes;
  for (const double value : values) {
    const auto element = static_cast<T>(value);
    bytes.append(reinterpret_cast<const char*>(&element), sizeof element);
  }
  return bytes;
}

}  // namespace

std::string elements_of(const std::vector<double>& values, const std::string& descr) {
  if (descr == "<f4") return bytes_as<float>(values);
  if (descr == "<f8") return bytes_as<double>(values);
  if (descr == "<i2") return bytes_as<std::int16_t>(values);
  if (descr == "<i8") return bytes_as<std::int64_t>(values);
  return bytes_as<std::uint8_t>(values);
}

std::vector<double> transposed(const std::vector<double>& values, Index rows, Index cols) {
  std::vector<double> result;
  for (Index j = 0; j < cols; ++j)
    for (Index i = 0; i < rows; ++i)
      result.push_back(values[static_cast<std::size_t>(i * cols + j)]);
  return result;
}

namespace {

std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255);
  return text;
}

/// gzip's stream without its head (10 bytes) and tail (8).
std::string deflated(const std::string& bytes) {
  const std::string gzip = packed(bytes);
  return gzip.substr(10, gzip.size() - 18);
}

}  // namespace

std::string zip_bytes(const std::vector<ZipMember>& members, bool deflate) {
  std::string archive, directory;
  for (const ZipMember& member : members) {
    const std::string stored = deflate ? deflated(member.bytes) : member.bytes;
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(member.bytes.data()),
                           static_cast<uInt>(member.bytes.size()));
    const std::string common = little(20, 2) + little(0, 2) + little(deflate ? 8 : 0, 2) +
                               little(0, 4) + little(crc, 4) + little(stored.size(), 4) +
                               little(member.bytes.size(), 4) + little(member.name.size(), 2);
    directory += "PK\1\2" + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2) +
                 little(0, 2) + little(0, 4) + little(archive.size(), 4) + member.name;
    // numpy leaves room for sizes of 64 bits in the local header
    archive += "PK\3\4" + common + little(20, 2) + member.name + little(1, 2) + little(16, 2) +
               little(member.bytes.size(), 8) + little(stored.size(), 8) + stored;
  }
  return archive + directory + "PK\5\6" + little(0, 4) + little(members.size(), 2) +
         little(members.size(), 2) + little(directory.size(), 4) + little(archive.size(), 4) +
         little(0, 2);
}

}  // namespace admmnet::test
