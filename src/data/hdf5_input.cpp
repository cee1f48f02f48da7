#include "data/hdf5_input.h"

#include <algorithm>
#include <sys/stat.h>

#include "data/csv_text.h"
#include "data/hdf5_links.h"
#include "data/input_file.h"
#include "data/sample_rows.h"
#include "runtime/error.h"
#include "runtime/heartbeat.h"

namespace admmnet {

namespace {

/// Chunks of a band of samples are held unpacked, at most so many bytes.
constexpr Index kMostCache = Index{512} << 20;

template <class F>
auto as_input(const std::string& place, F&& work) {
  try {
    return work();
  } catch (const IoFailure& failure) {
    throw_as_input(place, failure.what());
  }
}

/// File locks are of no use to a reader, and some cluster file systems have none.
Handle access_of_reader() {
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "describe the access");
#if H5_VERSION_GE(1, 10, 7)
  H5Pset_file_locking(access, false, true);
#endif
  return access;
}

Handle open_file(const std::string& path) {
  silence_hdf5();
  const InputFile regular(path);  // never a pipe or a device
  return as_input(path, [&] {
    const Handle access = access_of_reader();
    return Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose, "open it as HDF5");
  });
}

/// Bytes of the chunks that a band of samples touches; 0: the data set has no chunks.
Index band_bytes(hid_t creation, const std::vector<Index>& extents, std::size_t element) {
  if (H5Pget_layout(creation) != H5D_CHUNKED || extents.empty()) return 0;
  std::vector<hsize_t> chunk(extents.size());
  if (H5Pget_chunk(creation, static_cast<int>(chunk.size()), chunk.data()) < 0) return 0;
  double bytes = static_cast<double>(element) * static_cast<double>(chunk[0]);
  for (std::size_t d = 1; d < chunk.size(); ++d) {
    const auto size = static_cast<Index>(chunk[d]);
    bytes *= static_cast<double>((extents[d] + size - 1) / size * size);
  }
  return static_cast<Index>(std::min(bytes, 9e18));
}

/// What the chunks are packed by may be a plugin that is not there.
void check_filters(hid_t creation, const std::string& place) {
  const int filters = H5Pget_nfilters(creation);
  for (int i = 0; i < filters; ++i) {
    unsigned flags = 0, config = 0;
    std::size_t parameters = 0;
    std::string name(64, '\0');
    const H5Z_filter_t filter =
        H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &parameters, nullptr,
                       name.size() - 1, name.data(), &config);
    if (filter >= 0 && H5Zfilter_avail(filter) <= 0)
      throw BadInput(place + ": is packed by the filter " + std::to_string(filter) + " " +
                     quoted(name.c_str()) +
                     ", which HDF5 does not have here; name the folder of its plugin in "
                     "HDF5_PLUGIN_PATH, or pack it anew (h5repack -f GZIP=1)");
  }
}

struct Listing {
  std::string text;
  int count = 0;
};

herr_t list_object(hid_t root, const char* name, const H5O_info_t* info, void* data) {
  constexpr int most = 20;
  Listing& listing = *static_cast<Listing*>(data);
  if (info->type != H5O_TYPE_DATASET) return 0;
  if (++listing.count > most) {
    listing.text += ", ...";
    return 1;
  }
  listing.text += (listing.text.empty() ? "/" : ", /") + std::string(name);
  const hid_t object = H5Oopen(root, name, H5P_DEFAULT);
  if (object < 0) return 0;
  const Handle data_set(object, H5Oclose, "open");
  const Handle creation(H5Dget_create_plist(data_set), H5Pclose, "look");
  if (H5Pget_layout(creation) != H5D_VIRTUAL)  // whose extents stand in other files
    listing.text += " " + extents_text(extents_of(data_set, name));
  return 0;
}

}  // namespace

void throw_as_input(const std::string& place, const std::string& hdf5_failure) {
  if (hdf5_failure.find("errno = ") != std::string::npos)
    throw IoFailure(place + ": " + hdf5_failure + "; look at the file system, and try again");
  throw BadInput(place + ": " + hdf5_failure +
                 "; the file is damaged, incomplete or no HDF5: make or fetch it again");
}

std::string absolute_name(const std::string& name) {
  return name.empty() || name[0] != '/' ? "/" + name : name;
}

Hdf5Input::Hdf5Input(const std::string& path, bool follow_links)
    : path_(path), follow_links_(follow_links), file_(open_file(path)) {}

void Hdf5Input::check_links(const std::string& name) const {
  const LinkGuard guard(path_);
  for (std::size_t end = 0; end != std::string::npos;) {
    end = name.find('/', end + 1);
    const std::string part = name.substr(0, end);
    if (part == "/") continue;
    if (H5Lexists(file_, part.c_str(), guard.access()) <= 0)
      throw BadInput(place(part) + ": " + guard.reason("there is no such thing in the file") +
                     "; it has " + listed_data_sets() + ": " + name_the_arrays);
    H5L_info_t info;
    as_input(place(part), [&] {
      check_hdf5(H5Lget_info(file_, part.c_str(), &info, guard.access()), "look at the link");
    });
    if (info.type != H5L_TYPE_HARD && !follow_links_)
      throw BadInput(place(part) + ": is " + link_text(info.type) +
                     ", which is not followed; name the data set itself, or set "
                     "-data_follow_links true if you trust the file");
  }
}

void Hdf5Input::check_other_file(const std::string& name, const std::string& other) const {
  if (!follow_links_)
    throw BadInput(place(name) + ": its values stand in another file, " + quoted(other) +
                   "; set -data_follow_links true if you trust the file, or copy the values into "
                   "it (h5repack)");
  if (other == ".") return;
  bool found = false;
  for (const std::string& candidate : candidates_of(path_, other)) {
    struct stat status = {};
    if (stat(candidate.c_str(), &status) != 0) continue;
    if (!S_ISREG(status.st_mode))
      throw BadInput(place(name) + ": leads to " + candidate + ", which is not a regular file");
    found = true;
  }
  if (!found)
    throw BadInput(place(name) + ": its values stand in " + quoted(other) +
                   ", which is not there; put it beside " + path_);
}

void Hdf5Input::check_storage(const std::string& name, hid_t creation) const {
  constexpr std::size_t longest = 4096;
  std::string other(longest, '\0');
  const int external = H5Pget_external_count(creation);
  for (int i = 0; i < external; ++i) {
    off_t offset = 0;
    hsize_t bytes = 0;
    as_input(place(name), [&] {
      check_hdf5(H5Pget_external(creation, static_cast<unsigned>(i), longest - 1, other.data(),
                                 &offset, &bytes),
                 "look at the external storage");
    });
    check_other_file(name, other.c_str());
  }
  if (H5Pget_layout(creation) != H5D_VIRTUAL) return;
  std::size_t sources = 0;
  H5Pget_virtual_count(creation, &sources);
  if (sources == 0) check_other_file(name, ".");
  for (std::size_t i = 0; i < sources; ++i) {
    as_input(place(name), [&] {
      const ssize_t length = H5Pget_virtual_filename(creation, i, other.data(), longest - 1);
      check_hdf5(length < 0 ? -1 : 0, "look at the virtual data set");
    });
    check_other_file(name, other.c_str());
  }
}

bool Hdf5Input::has(const std::string& name) const {
  const LinkGuard guard(path_);
  for (std::size_t end = 0; end != std::string::npos;) {
    end = name.find('/', end + 1);
    const std::string part = name.substr(0, end);
    if (part == "/") continue;
    if (H5Lexists(file_, part.c_str(), guard.access()) <= 0) return false;
    H5L_info_t info;
    const bool known = H5Lget_info(file_, part.c_str(), &info, guard.access()) >= 0;
    if (!follow_links_ && known && info.type != H5L_TYPE_HARD) return true;
  }
  return true;
}

Handle Hdf5Input::open(const std::string& name, H5I_type_t kind, const std::string& noun) const {
  check_links(name);
  const LinkGuard guard(path_);
  return as_input(place(name), [&] {
    const hid_t id = H5Oopen(file_, name.c_str(), guard.access());
    if (id < 0 && guard.refused()) throw BadInput(place(name) + ": " + guard.reason(""));
    Handle object(id, H5Oclose, "open it");
    if (kind != H5I_BADID && H5Iget_type(object) != kind)
      throw BadInput(place(name) + ": is no " + noun + "; the file has " + listed_data_sets() +
                     ": " + name_the_arrays);
    return object;
  });
}

bool Hdf5Input::is_group(const std::string& name) const {
  return H5Iget_type(open(name, H5I_BADID, "")) == H5I_GROUP;
}

Handle Hdf5Input::group(const std::string& name) const {
  return open(name, H5I_GROUP, "group");
}

Handle Hdf5Input::data_set(const std::string& name) const {
  const std::string where = place(name);
  Index cache = 0;
  {
    const Handle first = open(name, H5I_DATASET, "data set");
    const Handle creation(H5Dget_create_plist(first), H5Pclose, "look at " + where);
    check_storage(name, creation);
    check_filters(creation, where);
    element_kind(first, where);
    const Handle type(H5Dget_type(first), H5Tclose, "look at " + where);
    cache = band_bytes(creation, extents_of(first, where), H5Tget_size(type));
  }
  if (cache > kMostCache)
    throw BadInput(where + ": is stored in chunks of which " + std::to_string(cache >> 20) +
                   " MiB must be unpacked to read one sample; write it with chunks of fewer "
                   "samples (h5repack -l CHUNK=...)");
  const LinkGuard guard(path_, H5P_DATASET_ACCESS);
  return as_input(where, [&] {
    constexpr std::size_t least = std::size_t{1} << 20;
    check_hdf5(H5Pset_chunk_cache(guard.access(), 12421,
                                  std::max(least, static_cast<std::size_t>(cache)), 1.0),
               "set the cache");
    return Handle(H5Dopen2(file_, name.c_str(), guard.access()), H5Dclose, "open it");
  });
}

std::string Hdf5Input::listed_data_sets() const {
  Listing listing;
#if H5_VERSION_GE(1, 12, 0)
  H5Ovisit(file_, H5_INDEX_NAME, H5_ITER_INC, list_object, &listing, H5O_INFO_BASIC);
#else
  H5Ovisit(file_, H5_INDEX_NAME, H5_ITER_INC, list_object, &listing);
#endif
  return listing.text.empty() ? "no data set" : listing.text;
}

ElementKind element_kind(hid_t data_set, const std::string& place) {
  const Handle type(H5Dget_type(data_set), H5Tclose, "look at " + place);
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
    case H5T_FLOAT:
    case H5T_ENUM:  // truth values
      return ElementKind::number;
    case H5T_STRING:
      return ElementKind::text;
    case H5T_COMPOUND:
      throw BadInput(place +
                     ": its elements are compounds (records); write the fields that are "
                     "features into one data set of numbers, (samples, features)");
    default:
      throw BadInput(place + ": its elements are neither integers nor reals; write numbers");
  }
}

std::vector<Index> extents_of(hid_t data_set, const std::string& place) {
  const Handle space(H5Dget_space(data_set), H5Sclose, "look at " + place);
  const int rank = H5Sget_simple_extent_ndims(space);
  std::vector<hsize_t> extents(static_cast<std::size_t>(std::max(rank, 0)));
  if (rank > 0) H5Sget_simple_extent_dims(space, extents.data(), nullptr);
  return {extents.begin(), extents.end()};
}

std::string extents_text(const std::vector<Index>& extents) {
  std::string text;
  for (const Index extent : extents) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "(" + text + ")";
}

void read_elements(hid_t data_set, const std::string& place, Index first, Index count, hid_t type,
                   void* elements) {
  if (count == 0) return;
  const std::vector<Index> extents = extents_of(data_set, place);
  std::vector<hsize_t> begin(extents.size(), 0), size(extents.begin(), extents.end());
  begin[0] = static_cast<hsize_t>(first);
  size[0] = static_cast<hsize_t>(count);
  const auto rank = static_cast<int>(size.size());
  as_input(place, [&] {
    const Handle space(H5Dget_space(data_set), H5Sclose, "read it");
    check_hdf5(
        H5Sselect_hyperslab(space, H5S_SELECT_SET, begin.data(), nullptr, size.data(), nullptr),
        "read it");
    const Handle memory(H5Screate_simple(rank, size.data(), nullptr), H5Sclose, "read it");
    check_hdf5(H5Dread(data_set, type, memory, space, H5P_DEFAULT, elements),
               "read samples from " + std::to_string(first + 1) + " on");
  });
  beat(lasting_text("reading " + place));
}

}  // namespace admmnet
