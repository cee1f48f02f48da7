/// Reading decks: YAML to the list of arguments that PETSc users know.
#pragma once

#include <string>
#include <vector>

#include <mpi.h>

namespace admmnet {

/// The keys and values of a YAML deck as "-group_key", "value", ...: nested maps are joined with
/// '_', lists become "a,b,c" (an empty one "[]"), null becomes an empty value. `name` stands for
/// the file in messages. Throws BadInput, with name and line, for text that is not YAML, is not one
/// map of keys, has a key twice, a value that a command line could not hold, or more than a deck
/// can have (128 KiB, 10000 values, both with all aliases in their places). Not collective.
std::vector<std::string> deck_arguments(const std::string& yaml, const std::string& name);

/// The same from a file. Throws BadInput also when the file is missing, unreadable, a folder or not
/// a text. Not collective.
std::vector<std::string> read_deck(const std::string& file);

/// Decks and command line in one list: replaces each "-options_file FILE" of `command_line` by
/// nothing and puts the deck's keys first, later decks after earlier ones, so that of two values of
/// a key the last one counts and the command line always wins, wherever it stood. Rank 0 reads; all
/// ranks get rank 0's list, or all throw Error with code bad_input. Collective on comm; before
/// PetscInitialize.
std::vector<std::string> merge_deck(const std::vector<std::string>& command_line, MPI_Comm comm);

}  // namespace admmnet
