#include "hdf5/handle.h"

#include <utility>

#include "runtime/error.h"

namespace admmnet {

void silence_hdf5() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

/// HDF5 walks its error stack from the place of the error outwards; the first entry is the cause.
static herr_t take_first(unsigned depth, const H5E_error2_t* error, void* text) {
  if (depth == 0 && error->desc) *static_cast<std::string*>(text) = error->desc;
  return 0;
}

[[noreturn]] static void fail(const std::string& action) {
  std::string reason = "no reason given";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, &reason);
  throw IoFailure("cannot " + action + ": HDF5 says '" + reason + "'");
}

void check_hdf5(herr_t status, const std::string& action) {
  if (status < 0) fail(action);
}

Handle::Handle(hid_t id, Closer closer, const std::string& action) : id_(id), closer_(closer) {
  if (id < 0) fail(action);
}

Handle::Handle(Handle&& other) noexcept
    : id_(std::exchange(other.id_, H5I_INVALID_HID)), closer_(other.closer_) {}

Handle::~Handle() {
  if (id_ >= 0) closer_(id_);
}

void Handle::close(const std::string& action) {
  check_hdf5(closer_(std::exchange(id_, H5I_INVALID_HID)), action);
}

}  // namespace admmnet
