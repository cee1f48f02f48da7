#include "checkpoint/hdf5_memory.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "hdf5/handle.h"

namespace admmnet {

std::vector<MemoryFile::Write> MemoryFile::take_writes() {
  return std::exchange(writes_, {});
}

void MemoryFile::write(Index offset, const unsigned char* bytes, Index count) {
  writes_.push_back({offset, std::vector<unsigned char>(bytes, bytes + count)});
  while (count > 0) {
    const Index within = offset % page_bytes, part = std::min(count, page_bytes - within);
    std::vector<unsigned char>& page = pages_[offset / page_bytes];
    page.resize(page_bytes);
    std::memcpy(page.data() + within, bytes, static_cast<std::size_t>(part));
    offset += part;
    bytes += part;
    count -= part;
  }
}

void MemoryFile::read(Index offset, unsigned char* bytes, Index count) const {
  while (count > 0) {
    const Index within = offset % page_bytes, part = std::min(count, page_bytes - within);
    const auto page = pages_.find(offset / page_bytes);
    if (page == pages_.end())
      std::memset(bytes, 0, static_cast<std::size_t>(part));
    else
      std::memcpy(bytes, page->second.data() + within, static_cast<std::size_t>(part));
    offset += part;
    bytes += part;
    count -= part;
  }
}

namespace {

/// HDF5's view of an open file: its own part first, as its drivers must have it.
struct OpenFile {
  H5FD_t hdf5;
  MemoryFile* memory;
  haddr_t end;  // of the address space that HDF5 has handed out; the file's length follows it
};

/// What travels in the file access list.
struct DriverInfo {
  MemoryFile* memory;
};

MemoryFile& memory_of(H5FD_t* file) {
  return *reinterpret_cast<OpenFile*>(file)->memory;
}

H5FD_t* open_file(const char*, unsigned flags, hid_t access, haddr_t) {
  const auto* info = static_cast<const DriverInfo*>(H5Pget_driver_info(access));
  if (!info) return nullptr;
  if (flags & H5F_ACC_TRUNC) *info->memory = MemoryFile();
  auto* file = new OpenFile{};
  file->memory = info->memory;
  return &file->hdf5;
}

herr_t close_file(H5FD_t* file) {
  delete reinterpret_cast<OpenFile*>(file);
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_AGGREGATE_SMALLDATA;
  return 0;
}

haddr_t get_end(const H5FD_t* file, H5FD_mem_t) {
  return reinterpret_cast<const OpenFile*>(file)->end;
}

herr_t set_end(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  reinterpret_cast<OpenFile*>(file)->end = address;
  return 0;
}

haddr_t get_length(const H5FD_t* file, H5FD_mem_t) {
  return static_cast<haddr_t>(reinterpret_cast<const OpenFile*>(file)->memory->size());
}

herr_t set_length_to_end(H5FD_t* file, hid_t, hbool_t) {
  memory_of(file).set_size(static_cast<Index>(get_end(file, H5FD_MEM_DEFAULT)));
  return 0;
}

herr_t read_bytes(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t offset, size_t count, void* bytes) {
  memory_of(file).read(static_cast<Index>(offset), static_cast<unsigned char*>(bytes),
                       static_cast<Index>(count));
  return 0;
}

herr_t write_bytes(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t offset, size_t count,
                   const void* bytes) {
  try {
    memory_of(file).write(static_cast<Index>(offset), static_cast<const unsigned char*>(bytes),
                          static_cast<Index>(count));
  } catch (const std::bad_alloc&) {
    return -1;  // no C++ exception may pass through HDF5
  }
  return 0;
}

H5FD_class_t driver_class() {
  H5FD_class_t driver{};
#ifdef H5FD_CLASS_VERSION  // HDF5 1.14 on
  driver.version = H5FD_CLASS_VERSION;
  driver.value = static_cast<H5FD_class_value_t>(H5_VFD_RESERVED + 1);
#endif
  driver.name = "admmnet_memory";
  driver.maxaddr = HADDR_MAX;
  driver.fc_degree = H5F_CLOSE_STRONG;
  driver.fapl_size = sizeof(DriverInfo);
  driver.open = open_file;
  driver.close = close_file;
  driver.query = query;
  driver.get_eoa = get_end;
  driver.set_eoa = set_end;
  driver.get_eof = get_length;
  driver.truncate = set_length_to_end;
  driver.read = read_bytes;
  driver.write = write_bytes;
  const H5FD_mem_t free_lists[] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(free_lists), std::end(free_lists), driver.fl_map);
  return driver;
}

}  // namespace

void set_memory_driver(hid_t access, MemoryFile& file) {
  static const H5FD_class_t driver = driver_class();
  static const hid_t id = H5FDregister(&driver);
  const DriverInfo info{&file};
  check_hdf5(H5Pset_driver(access, id, &info), "set up a file in memory");
}

}  // namespace admmnet
