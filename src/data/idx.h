/// The IDX format of MNIST and its relatives: big-endian header, then unsigned bytes.
///
/// Bytes 0-1: zero; byte 2: type of the values (0x08 = unsigned byte, the only one read here);
/// byte 3: number of dimensions d; then d 32-bit sizes, the first being the number of items.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/input_file.h"
#include "data/source.h"

namespace admmnet {

/// Sizes from the header of a file of images: samples, then the sizes of an image.
struct IdxShape {
  std::vector<Index> sizes;
  Index samples() const { return sizes.front(); }
  Index features() const;
};

/// Reads and checks the header of a file of images, also against the size of the file. Rank-local.
/// Throws BadInput for what is not IDX, not bytes, empty, truncated, or goes on after the last
/// item.
IdxShape probe_idx_images(const std::string& path);

/// The labels of a file of labels, 0..255, with the same checks. Rank-local.
std::vector<int> read_idx_labels(const std::string& path);

/// Images as samples; random access unless gzipped. Throws BadInput unless there are `samples`
/// images of `features` pixels.
std::unique_ptr<SampleSource> open_idx_images(const std::string& path, Index samples,
                                              Index features);

}  // namespace admmnet
