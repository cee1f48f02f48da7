/// Members of zip archives (PKWARE's APPNOTE 6.3: end of the central directory 4.3.16, its headers
/// 4.3.12, local headers 4.3.7, sizes of 64 bits 4.3.14 and 4.5.3), as numpy writes and reads them.
#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include <zlib.h>

#include "data/array_bytes.h"
#include "data/contents.h"
#include "data/csv_text.h"
#include "data/input_file.h"
#include "data/sample_rows.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

constexpr unsigned kStored = 0, kDeflated = 8;
constexpr Index kInTheExtraField = 0xFFFFFFFF;

struct Member {
  std::string name;
  unsigned method = 0, flags = 0;
  unsigned long checksum = 0;
  Index packed = 0, size = 0, header = 0;
};

/// Little-endian numbers.
Index number_at(const std::vector<unsigned char>& bytes, std::size_t at, std::size_t width) {
  Index value = 0;
  for (std::size_t i = width; i-- > 0;)
    value = static_cast<Index>(static_cast<std::uint64_t>(value) << 8 | bytes[at + i]);
  return value;
}

class Archive {
 public:
  explicit Archive(const std::string& path) : file_(path) {
    if (file_.compressed()) fail("is gzip, not a zip archive; unpack it");
  }

  std::vector<Member> members() {
    Index offset = 0, size = 0, count = 0;
    find_directory(offset, size, count);
    constexpr Index most = Index{64} << 20;
    if (offset < 0 || size < 0 || size > most || offset + size > file_.size_on_disk())
      fail("is damaged: its directory does not lie within it");
    const std::vector<unsigned char> directory = bytes(offset, size);
    std::vector<Member> found;
    std::size_t at = 0;
    for (Index i = 0; i < count; ++i) found.push_back(member_at(directory, at));
    return found;
  }

  /// Where the member's bytes begin.
  Index begin_of(const Member& member) {
    constexpr Index fixed = 30;
    const std::vector<unsigned char> header = bytes(member.header, fixed);
    if (std::memcmp(header.data(), "PK\3\4", 4) != 0) fail("is damaged at " + member.name);
    const Index begin = member.header + fixed + number_at(header, 26, 2) + number_at(header, 28, 2);
    if (begin + member.packed > file_.size_on_disk())
      fail("is truncated: " + member.name + " goes on beyond its end");
    return begin;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw BadInput(file_.path() + ": " + what + "; write it again with numpy.savez");
  }
  InputFile& file() { return file_; }

 private:
  std::vector<unsigned char> bytes(Index offset, Index count) {
    if (offset < 0 || count < 0 || offset + count > file_.size_on_disk()) fail("is truncated");
    std::vector<unsigned char> read(static_cast<std::size_t>(count));
    if (file_.read_at(offset, read.data(), read.size()) != read.size()) fail("is truncated");
    return read;
  }

  void find_directory(Index& offset, Index& size, Index& count) {
    constexpr Index record = 22, longest_comment = 65535, locator = 20;
    const Index file_size = file_.size_on_disk();
    const Index tail_size = std::min(file_size, record + longest_comment);
    const std::vector<unsigned char> tail = bytes(file_size - tail_size, tail_size);
    Index at = tail_size - record;
    while (at >= 0 && std::memcmp(tail.data() + at, "PK\5\6", 4) != 0) --at;
    if (at < 0) fail("is no zip archive, or a truncated one (it has no directory at its end)");
    const auto end = static_cast<std::size_t>(at);
    count = number_at(tail, end + 10, 2);
    size = number_at(tail, end + 12, 4);
    offset = number_at(tail, end + 16, 4);
    const Index before = file_size - tail_size + at - locator;
    if (before < 0) return;
    const std::vector<unsigned char> found = bytes(before, locator);
    if (std::memcmp(found.data(), "PK\6\7", 4) != 0) return;
    const std::vector<unsigned char> large = bytes(number_at(found, 8, 8), 56);
    count = number_at(large, 32, 8);
    size = number_at(large, 40, 8);
    offset = number_at(large, 48, 8);
  }

  Member member_at(const std::vector<unsigned char>& directory, std::size_t& at) const {
    constexpr std::size_t fixed = 46;
    if (at + fixed > directory.size() || std::memcmp(&directory[at], "PK\1\2", 4) != 0)
      fail("is damaged: its directory ends early");
    Member member;
    member.flags = static_cast<unsigned>(number_at(directory, at + 8, 2));
    member.method = static_cast<unsigned>(number_at(directory, at + 10, 2));
    member.checksum = static_cast<unsigned long>(number_at(directory, at + 16, 4));
    member.packed = number_at(directory, at + 20, 4);
    member.size = number_at(directory, at + 24, 4);
    member.header = number_at(directory, at + 42, 4);
    const auto name = static_cast<std::size_t>(number_at(directory, at + 28, 2));
    const auto extra = static_cast<std::size_t>(number_at(directory, at + 30, 2));
    const auto comment = static_cast<std::size_t>(number_at(directory, at + 32, 2));
    if (at + fixed + name + extra + comment > directory.size())
      fail("is damaged: its directory ends early");
    member.name.assign(reinterpret_cast<const char*>(&directory[at]) + fixed, name);
    read_large_sizes(directory, at + fixed + name, extra, member);
    at += fixed + name + extra + comment;
    return member;
  }

  /// Fields that stand at 2^32 - 1 are found in the extra field 1, in this order.
  void read_large_sizes(const std::vector<unsigned char>& directory, std::size_t at,
                        std::size_t bytes_of_extra, Member& member) const {
    const std::size_t end = at + bytes_of_extra;
    while (at + 4 <= end) {
      const Index kind = number_at(directory, at, 2);
      const std::size_t stop = at + 4 + static_cast<std::size_t>(number_at(directory, at + 2, 2));
      std::size_t next = at + 4;
      if (stop > end) fail("is damaged at " + member.name);
      for (Index* field : {&member.size, &member.packed, &member.header}) {
        if (kind != 1 || *field != kInTheExtraField || next + 8 > stop) continue;
        *field = number_at(directory, next, 8);
        next += 8;
      }
      at = stop;
    }
    if (member.size < 0 || member.packed < 0 || member.header < 0)
      fail("is damaged at " + member.name);
  }

  InputFile file_;
};

class StoredBytes final : public ArrayBytes {
 public:
  StoredBytes(std::unique_ptr<Archive> archive, const Member& member)
      : archive_(std::move(archive)), begin_(archive_->begin_of(member)), size_(member.size) {
    if (member.size != member.packed) archive_->fail("is damaged at " + member.name);
  }
  bool random_access() const override { return true; }
  Index size() const override { return size_; }
  std::size_t read(Index offset, void* buffer, std::size_t bytes) override {
    const Index left = std::max<Index>(0, size_ - offset);
    return archive_->file().read_at(begin_ + offset, buffer,
                                    std::min(bytes, static_cast<std::size_t>(left)));
  }

 private:
  std::unique_ptr<Archive> archive_;
  Index begin_, size_;
};

class DeflatedBytes final : public ArrayBytes {
 public:
  DeflatedBytes(std::unique_ptr<Archive> archive, Member member)
      : archive_(std::move(archive)),
        member_(std::move(member)),
        packed_at_(archive_->begin_of(member_)),
        packed_left_(member_.packed),
        checksum_(crc32(0, nullptr, 0)) {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~DeflatedBytes() override { inflateEnd(&stream_); }
  DeflatedBytes(const DeflatedBytes&) = delete;
  DeflatedBytes& operator=(const DeflatedBytes&) = delete;

  bool random_access() const override { return false; }
  Index size() const override { return member_.size; }
  std::size_t read(Index offset, void* buffer, std::size_t bytes) override {
    ADMMNET_REQUIRE(offset == next_, "ArrayBytes: a packed member is read from front to back");
    auto* out = static_cast<unsigned char*>(buffer);
    std::size_t got = 0;
    for (std::size_t part = 1; got < bytes && part > 0; got += part)
      part = unpack(out + got, bytes - got);
    next_ += static_cast<Index>(got);
    if (ended_ && next_ < member_.size)
      archive_->fail("is damaged: " + member_.name + " is shorter than it must be");
    if (next_ == member_.size && checksum_ != member_.checksum)
      archive_->fail("is damaged: " + member_.name + " has not the checksum that it must have");
    return got;
  }

 private:
  void refill() {
    const auto part =
        static_cast<std::size_t>(std::min<Index>(packed_left_, static_cast<Index>(packed_.size())));
    stream_.avail_in =
        static_cast<unsigned>(archive_->file().read_at(packed_at_, packed_.data(), part));
    stream_.next_in = packed_.data();
    packed_at_ += static_cast<Index>(part);
    packed_left_ -= static_cast<Index>(part);
  }

  std::size_t unpack(unsigned char* buffer, std::size_t bytes) {
    if (ended_) return 0;
    if (stream_.avail_in == 0) refill();
    const auto wanted = static_cast<unsigned>(std::min(bytes, std::size_t{1} << 30));
    const bool no_more = stream_.avail_in == 0;
    stream_.next_out = buffer;
    stream_.avail_out = wanted;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    ended_ = status == Z_STREAM_END;
    const unsigned got = wanted - stream_.avail_out;
    if ((status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) ||
        (no_more && got == 0 && !ended_))
      archive_->fail("is damaged: " + member_.name + " cannot be unpacked");
    checksum_ = crc32(checksum_, buffer, got);
    return got > 0 || ended_ ? got : unpack(buffer, bytes);
  }

  std::unique_ptr<Archive> archive_;
  Member member_;
  Index packed_at_, packed_left_, next_ = 0;
  unsigned long checksum_;
  bool ended_ = false;
  z_stream stream_ = {};
  std::vector<unsigned char> packed_ = std::vector<unsigned char>(std::size_t{1} << 18);
};

std::string listed_members(const std::vector<Member>& members) {
  constexpr std::size_t most = 20;
  std::vector<std::string> names;
  for (const Member& member : members) {
    if (names.size() == most) {
      names.emplace_back("...");
      break;
    }
    const std::size_t dot = member.name.rfind(".npy");
    names.push_back(quoted(dot == std::string::npos ? member.name : member.name.substr(0, dot)));
  }
  return names.empty() ? "nothing" : join(names);
}

}  // namespace

std::unique_ptr<ArrayBytes> open_zip_member(const std::string& path, const std::string& name,
                                            bool needed) {
  auto archive = std::make_unique<Archive>(path);
  const std::vector<Member> members = archive->members();
  const std::string plain = name.substr(!name.empty() && name[0] == '/' ? 1 : 0);
  const auto found = std::find_if(members.begin(), members.end(), [&](const Member& member) {
    return member.name == plain || member.name == plain + ".npy";
  });
  if (found == members.end() && !needed) return nullptr;
  if (found == members.end())
    throw BadInput(path + ": has no array '" + plain + "'; it has " + listed_members(members) +
                   ": " + name_the_arrays);
  if ((found->flags & 1U) != 0) archive->fail(found->name + " is encrypted, which is not read");
  if (found->method == kStored) return std::make_unique<StoredBytes>(std::move(archive), *found);
  if (found->method != kDeflated)
    archive->fail(found->name + " is packed in a way (" + std::to_string(found->method) +
                  ") that is not read");
  return std::make_unique<DeflatedBytes>(std::move(archive), *found);
}

}  // namespace admmnet
