/// The room checkpoint/: the files that make a run survive its end.
///
/// It holds the HDF5 file of a run (catalogue.h has its layout; hdf5_* are, beside data/'s reader,
/// the only files that call HDF5), writing and reading it on any grid (checkpoint_writer,
/// checkpoint_file), the checkpoints of a run as a whole (this file), the lock of a run (run_lock),
/// fault injection (faults) and the reports of `admmnet inspect` (inspect).
///
/// It knows the state only as named matrices and numbers. How a method uses them, when to write,
/// and what the deck says do not enter it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mpi.h>

#include "checkpoint/checkpoint_file.h"
#include "checkpoint/checkpoint_writer.h"
#include "checkpoint/run_lock.h"

namespace admmnet {

/// The checkpoints <dir>/<name>.ckpt.<iteration>.h5 (in the middle of a pass
/// <name>.ckpt.<iteration>.<steps>.h5) of one run, and <name>.latest, a text file with the name of
/// the one written last.
class CheckpointStore {
 public:
  /// `lock`, when given, is asked before each write whether it still holds; it must outlive the
  /// store. Not collective.
  CheckpointStore(std::string dir, std::string name, MPI_Comm comm, const RunLock* lock = nullptr);

  std::string path_of(Position position) const;

  struct Candidate {
    Position position;
    std::string path;
  };
  /// The files that are checkpoints by their name, newest first. Collective.
  std::vector<Candidate> candidates() const;

  /// The answer to "where does this run go on?".
  struct Choice {
    std::optional<CheckpointFile> file;  ///< the newest valid one; nothing when there is none
    std::vector<std::string> refused;    ///< newer ones, each with the reason
    std::string remark;  ///< when <name>.latest says otherwise, or nothing; else empty
  };
  /// Walks from the newest to the oldest until one is valid, all its checksums compared. The
  /// position in the name decides what is newer: <name>.latest lags behind when a run is killed
  /// between the two, and is a hint that nothing depends on. Collective.
  Choice newest_valid() const;

  /// Writes a checkpoint (checkpoint_writer.h), points <name>.latest to it, and removes all but the
  /// newest `keep` (at least 1) of those up to its position. Never throws IoFailure: the caller
  /// decides what a failure means. `contents` is the same on every rank. Collective.
  WriteStatus write(const CheckpointContents& contents, Index keep) const;

  /// Does what is left to do when a run was killed after the checkpoint of this position got its
  /// name: the pointer and the removal of surplus ones, as write() does. Nothing is written when
  /// all is in order. Returns what went wrong; never throws IoFailure. Collective.
  std::string settle(Position position, Index keep) const;

  /// Removes what killed runs have left under temporary names; returns their paths. Collective.
  std::vector<std::string> remove_leftovers() const;

  /// Renames the checkpoints newer than `position` to <file>.superseded, so that they are
  /// candidates no more: for a run that goes on from an older one, or begins anew (before_all).
  /// Returns their old paths. Throws IoFailure. Collective.
  std::vector<std::string> set_aside_newer(Position position) const;

 private:
  std::string pointer_path() const;
  struct Pointer {
    std::string file;     // the name of a checkpoint of this run; empty: none
    std::string trouble;  // why <name>.latest, which is there, names none; else empty
  };
  Pointer pointer() const;
  bool is_leftover_text(const std::string& file) const;
  void point_to(const std::string& path) const;
  void remove_surplus(Position written, Index keep) const;

  std::string dir_, name_;
  MPI_Comm comm_;
  const RunLock* lock_;
};

}  // namespace admmnet
