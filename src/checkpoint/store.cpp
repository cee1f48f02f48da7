#include "checkpoint/store.h"

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <sstream>
#include <unistd.h>
#include <utility>

#include "checkpoint/faults.h"
#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/files.h"

namespace admmnet {

namespace {

std::string text_of(Position position) {
  return std::to_string(position.iteration) +
         (position.steps == 0 ? "" : "." + std::to_string(position.steps));
}

/// The position whose text stands between prefix and suffix; nothing when `name` is not made up of
/// the three.
std::optional<Position> position_between(const std::string& name, const std::string& prefix,
                                         const std::string& suffix) {
  if (name.size() <= prefix.size() + suffix.size() || name.rfind(prefix, 0) != 0)
    return std::nullopt;
  Position position;
  const int numbers = std::sscanf(name.c_str() + prefix.size(), "%18" SCNd64 ".%18" SCNd64,
                                  &position.iteration, &position.steps);
  const bool sound = numbers > 0 && position.iteration >= 0 && position.steps >= 0 &&
                     name == prefix + text_of(position) + suffix;  // no "007", no "3.0"
  return sound ? std::optional(position) : std::nullopt;
}

/// Positions of the files <prefix><position><suffix> in a folder, newest first, on every rank.
std::vector<Position> positions_of(const std::string& dir, const std::string& prefix,
                                   const std::string& suffix, MPI_Comm comm) {
  std::string list;
  collectively(comm, [&] {
    if (rank_of(comm) != 0) return;
    for (const std::string& name : names_in(dir))
      if (const auto position = position_between(name, prefix, suffix))
        list += std::to_string(position->iteration) + " " + std::to_string(position->steps) + " ";
  });
  std::istringstream in(broadcast(list, 0, comm));
  std::vector<Position> result;
  for (Position position; in >> position.iteration >> position.steps;) result.push_back(position);
  std::sort(result.begin(), result.end(), std::greater<>());
  return result;
}

}  // namespace

CheckpointStore::CheckpointStore(std::string dir, std::string name, MPI_Comm comm,
                                 const RunLock* lock)
    : dir_(std::move(dir)), name_(std::move(name)), comm_(comm), lock_(lock) {}

std::string CheckpointStore::path_of(Position position) const {
  return dir_ + "/" + name_ + ".ckpt." + text_of(position) + ".h5";
}

std::string CheckpointStore::pointer_path() const {
  return dir_ + "/" + name_ + ".latest";
}

std::vector<CheckpointStore::Candidate> CheckpointStore::candidates() const {
  std::vector<Candidate> result;
  for (const Position& position : positions_of(dir_, name_ + ".ckpt.", ".h5", comm_))
    result.push_back({position, path_of(position)});
  return result;
}

CheckpointStore::Choice CheckpointStore::newest_valid() const {
  Choice choice;
  for (const Candidate& candidate : candidates()) {
    try {
      CheckpointFile file = CheckpointFile::open(candidate.path, comm_);
      if (file.contents().position() != candidate.position)
        throw IoFailure(candidate.path + " is not a usable checkpoint: it is of iteration " +
                        file.contents().progress());
      file.require_network();
      file.verify();
      choice.file.emplace(std::move(file));
      break;
    } catch (const Error& error) {
      if (error.code() != ExitCode::io_failure) throw;
      choice.refused.push_back(error.what());
    }
  }
  const Pointer pointer = this->pointer();
  const std::string taken =
      choice.file ? std::filesystem::path(choice.file->path()).filename().string() : "";
  if (!pointer.trouble.empty())
    choice.remark = "not used: " + pointer.trouble;
  else if (!pointer.file.empty() && pointer.file != taken)
    choice.remark = name_ + ".latest names " + pointer.file + ", " +
                    (taken.empty() ? "which cannot be used" : "the newest valid one is " + taken);
  return choice;
}

CheckpointStore::Pointer CheckpointStore::pointer() const {
  Pointer found;
  if (rank_of(comm_) == 0 && file_exists(pointer_path())) {
    try {
      const std::string text = read_text(pointer_path());
      const std::string file = text.substr(0, text.find('\n'));
      if (position_between(file, name_ + ".ckpt.", ".h5"))
        found.file = file;
      else
        found.trouble = pointer_path() + " names no checkpoint of this run";
    } catch (const IoFailure& error) {
      found.trouble = error.what();
    }
  }
  return {broadcast(found.file, 0, comm_), broadcast(found.trouble, 0, comm_)};
}

void CheckpointStore::point_to(const std::string& path) const {
  collectively(comm_, [&] {
    if (rank_of(comm_) == 0)
      write_text_atomically(pointer_path(), std::filesystem::path(path).filename().string() + "\n");
  });
}

void CheckpointStore::remove_surplus(Position written, Index keep) const {
  std::vector<Candidate> old = candidates();
  old.erase(std::remove_if(old.begin(), old.end(),
                           [&](const Candidate& c) { return c.position > written; }),
            old.end());
  collectively(comm_, [&] {
    if (rank_of(comm_) != 0) return;
    for (std::size_t i = static_cast<std::size_t>(std::max<Index>(keep, 1)); i < old.size(); ++i)
      if (::unlink(old[i].path.c_str()) != 0 && errno != ENOENT)
        throw_io_failure("remove", old[i].path, errno);
  });
}

WriteStatus CheckpointStore::write(const CheckpointContents& contents, Index keep) const {
  WriteStatus status;
  const std::string path = path_of(contents.position());
  try {
    if (lock_) lock_->require_held();
    write_checkpoint(path, contents, comm_, status);
    status.ok = true;
    fault_point(FaultPoint::after_rename, comm_);
    point_to(path);
    fault_point(FaultPoint::before_delete, comm_);
    remove_surplus(contents.position(), keep);
  } catch (const Error& error) {
    if (error.code() != ExitCode::io_failure) throw;
    status.path = path;
    status.message = (status.ok ? "the checkpoint " + path + " is written, but "
                                : "the checkpoint " + path + " could not be written: ") +
                     std::string(error.what());
  }
  return status;
}

std::string CheckpointStore::settle(Position position, Index keep) const {
  const std::string path = path_of(position);
  try {
    if (pointer().file != std::filesystem::path(path).filename().string()) point_to(path);
    remove_surplus(position, keep);
  } catch (const Error& error) {
    if (error.code() != ExitCode::io_failure) throw;
    return "tidying up after the checkpoint " + path + ": " + error.what();
  }
  return "";
}

/// What write_text_atomically leaves in a run that is killed in the middle of it.
bool CheckpointStore::is_leftover_text(const std::string& file) const {
  for (const char* ending :
       {".latest", ".used.yaml", ".metrics.csv", ".progress.csv", ".spectrum.csv", ".summary.json"})
    if (is_temporary_name(file, name_ + ending)) return true;
  return false;
}

std::vector<std::string> CheckpointStore::remove_leftovers() const {
  std::string list;
  collectively(comm_, [&] {
    if (rank_of(comm_) != 0) return;
    for (const std::string& file : names_in(dir_)) {
      if (!position_between(file, name_ + ".ckpt.", ".h5.tmp") && !is_leftover_text(file)) continue;
      const std::string path = dir_ + "/" + file;
      if (::unlink(path.c_str()) != 0) {
        if (errno == ENOENT || errno == EISDIR) continue;
        throw_io_failure("remove", path, errno);
      }
      list += path + "\n";
    }
  });
  std::vector<std::string> removed;
  std::istringstream in(broadcast(list, 0, comm_));
  for (std::string path; std::getline(in, path);) removed.push_back(path);
  return removed;
}

std::vector<std::string> CheckpointStore::set_aside_newer(Position position) const {
  std::vector<std::string> moved;
  for (const Candidate& candidate : candidates())
    if (candidate.position > position) moved.push_back(candidate.path);
  collectively(comm_, [&] {
    if (rank_of(comm_) != 0) return;
    for (const std::string& path : moved)
      if (std::rename(path.c_str(), (path + ".superseded").c_str()) != 0)
        throw_io_failure("rename", path, errno);
  });
  return moved;
}

}  // namespace admmnet
