/// hdf5/: ownership and error texts for HDF5, for the rooms that read and write it (checkpoint,
/// data). What their files look like does not enter it. Rank-local; nothing here is collective.
#pragma once

#include <string>

#include <hdf5.h>

namespace admmnet {

/// Keeps HDF5 from printing its error stack, for good: the reason goes into our messages. (Were it
/// switched on again, the library would complain at the end of the process about what damaged files
/// have made it lose.) To be called before HDF5 is used.
void silence_hdf5();

/// An owned HDF5 id of any kind. Move-only.
class Handle {
 public:
  using Closer = herr_t (*)(hid_t);
  /// Takes the id that a call returned; throws IoFailure "cannot <action>: <HDF5's reason>" when
  /// the call failed.
  Handle(hid_t id, Closer closer, const std::string& action);
  Handle(Handle&& other) noexcept;
  Handle& operator=(Handle&& other) = delete;
  ~Handle();
  operator hid_t() const { return id_; }

  /// Closes now; throws IoFailure when HDF5 cannot.
  void close(const std::string& action);

 private:
  hid_t id_;
  Closer closer_;
};

/// Throws IoFailure "cannot <action>: <HDF5's reason>" when `status` is negative.
void check_hdf5(herr_t status, const std::string& action);

}  // namespace admmnet
