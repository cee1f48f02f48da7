#include "data/file_share.h"

#include <algorithm>
#include <utility>

#include "data/dataset.h"
#include "runtime/communicator.h"

namespace admmnet {

FileShare::FileShare(const Delivery& delivery, std::vector<const PanelColumns*> columns,
                     MPI_Comm comm)
    : delivery_(delivery), columns_(std::move(columns)), ranks_(size_of(comm)) {
  const auto& classes = *delivery.classes;
  const auto is_selected = [](int label) { return label != kNotSelected; };
  const auto size = static_cast<Index>(classes.size());
  for (Index wanted = 0; file_part_ < size; ++file_part_)
    if (is_selected(classes[static_cast<std::size_t>(file_part_)]) && ++wanted > delivery.limit)
      break;
  const int readers = delivery.random_access ? ranks_ : 1;
  const int rank = rank_of(comm);
  slab_ = (file_part_ + readers - 1) / readers;
  next_ = std::min(file_part_, rank * slab_);
  end_ = rank < readers ? std::min(file_part_, next_ + slab_) : next_;
  selected_before_ = std::count_if(classes.begin(), classes.begin() + next_, is_selected);
}

const std::vector<FileShare::Address>& FileShare::address(Index count) {
  addressed_.clear();
  for (Index i = 0; i < count && selected_before_ < delivery_.limit; ++i) {
    const int label = (*delivery_.classes)[static_cast<std::size_t>(next_ + i)];
    if (label == kNotSelected) continue;
    const Destination to = delivery_.destination(selected_before_++);
    const auto slot = columns_[static_cast<std::size_t>(to.set)]->locate(to.position);
    addressed_.push_back(
        {static_cast<std::size_t>(i), slot.rank, {slot.panel, slot.column, to.set, label}});
  }
  next_ += count;
  return addressed_;
}

}  // namespace admmnet
