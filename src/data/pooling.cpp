#include "data/pooling.h"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "runtime/error.h"

namespace admmnet {

namespace {

class PooledImages : public SampleSource {
 public:
  PooledImages(std::unique_ptr<SampleSource> images, Index rows, Index cols, Index pool)
      : images_(std::move(images)), rows_(rows), cols_(cols), pool_(pool) {
    ADMMNET_REQUIRE(images_->value_type() == ValueType::byte && pool > 0 && rows % pool == 0 &&
                        cols % pool == 0,
                    "pooled_images: images of " + std::to_string(rows) + " x " +
                        std::to_string(cols) + " pixels in squares of " + std::to_string(pool));
    sums_.resize(static_cast<std::size_t>((rows / pool) * (cols / pool)));
  }

  ValueType value_type() const override { return ValueType::real; }
  bool random_access() const override { return images_->random_access(); }

  void read(Index first, Index count, unsigned char* records) override {
    const auto raw_bytes = static_cast<std::size_t>(rows_ * cols_);
    bytes_.resize(static_cast<std::size_t>(count) * raw_bytes);
    images_->read(first, count, bytes_.data());
    const std::size_t record_bytes = sums_.size() * sizeof(double);
    for (std::size_t image = 0; image < static_cast<std::size_t>(count); ++image) {
      average(bytes_.data() + image * raw_bytes);
      std::memcpy(records + image * record_bytes, sums_.data(), record_bytes);
    }
  }

  void expect_end() override { images_->expect_end(); }

 private:
  void average(const unsigned char* pixel) {
    sums_.assign(sums_.size(), 0.0);
    for (Index row = 0; row < rows_; ++row)
      for (Index col = 0; col < cols_; ++col)
        sums_[static_cast<std::size_t>(row / pool_ * (cols_ / pool_) + col / pool_)] += *pixel++;
    for (double& value : sums_) value /= static_cast<double>(pool_ * pool_);
  }

  std::unique_ptr<SampleSource> images_;
  Index rows_, cols_, pool_;
  std::vector<unsigned char> bytes_;
  std::vector<double> sums_;
};

}  // namespace

std::unique_ptr<SampleSource> pooled_images(std::unique_ptr<SampleSource> images, Index rows,
                                            Index cols, Index pool) {
  return std::make_unique<PooledImages>(std::move(images), rows, cols, pool);
}

}  // namespace admmnet
