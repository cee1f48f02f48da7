/// Working memory that is kept from one call to the next, so that an iteration allocates nothing.
#pragma once

#include <memory>

#include "runtime/types.h"

namespace admmnet {

/// An array that only grows. Its entries have no defined value; contents do not survive growth.
template <class T>
class Scratch {
 public:
  T* of_size(Index entries) {
    if (entries > capacity_) {
      memory_.reset();  // before the new one is taken: never both at a time
      memory_.reset(new T[static_cast<std::size_t>(entries)]);
      capacity_ = entries;
    }
    return memory_.get();
  }
  T* data() { return memory_.get(); }
  const T* data() const { return memory_.get(); }

 private:
  std::unique_ptr<T[]> memory_;
  Index capacity_ = 0;
};

}  // namespace admmnet
