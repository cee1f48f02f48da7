#include "data/array_bytes.h"

#include "data/input_file.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

class FileBytes final : public ArrayBytes {
 public:
  explicit FileBytes(const std::string& path) : file_(path) {}
  bool random_access() const override { return !file_.compressed(); }
  Index size() const override { return file_.compressed() ? -1 : file_.size_on_disk(); }
  std::size_t read(Index offset, void* buffer, std::size_t bytes) override {
    if (!file_.compressed()) return file_.read_at(offset, buffer, bytes);
    ADMMNET_REQUIRE(offset == next_, "ArrayBytes: a packed file is read from front to back");
    const std::size_t got = file_.read(buffer, bytes);
    next_ += static_cast<Index>(got);
    return got;
  }

 private:
  InputFile file_;
  Index next_ = 0;
};

}  // namespace

std::unique_ptr<ArrayBytes> open_file_bytes(const std::string& path) {
  return std::make_unique<FileBytes>(path);
}

}  // namespace admmnet
