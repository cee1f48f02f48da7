/// The deck: what a run may be told, how it is read, checked and written down again.
///
/// One schema table (schema.cpp) is the source of everything: typed values (options.h), checks, the
/// nearest name for a misspelt key, -help, the table of keys in input/README.md, NAME.used.yaml.
///
/// The order of a run:
///   merge_deck      decks and command line into one list
///   parse_options   the list into Options, all problems at once
///   PetscInitialize with Options::petsc
///   used_yaml
///
/// What may not enter: PETSc (the deck is read before it starts), linear algebra, data files, and
/// any decision that needs them. MPI appears in merge_deck only.
#pragma once

#include "config/deck.h"
#include "config/describe.h"
#include "config/names.h"
#include "config/options.h"
#include "config/parse.h"
