#include "data/file_list.h"

#include <algorithm>
#include <glob.h>

#include "data/csv_text.h"
#include "data/input_file.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0, comma = 0; comma != std::string::npos; begin = comma + 1) {
    comma = text.find(',', begin);
    parts.push_back(text.substr(begin, comma == std::string::npos ? comma : comma - begin));
  }
  return parts;
}

/// What the shell would make of it, in the order of bytes: the same in every language.
std::vector<std::string> matches(const std::string& key, const std::string& pattern) {
  glob_t found = {};
  const int status = glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  std::vector<std::string> files(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  if (status != 0 && status != GLOB_NOMATCH)
    throw BadInput("-" + key + " " + pattern + ": the folder cannot be read; check the name");
  if (files.empty())
    throw BadInput("-" + key + " " + pattern + ": no file has such a name; check folder and name");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<std::string> listed_files(const std::string& key, const std::string& text) {
  if (!first_existing({text}).empty()) return {text};
  std::vector<std::string> files;
  for (const std::string& part : parts_of(text)) {
    const std::string name(trimmed(part));
    if (name.empty())
      throw BadInput("-" + key + " " + text + ": there is a comma without a file beside it");
    if (name.find_first_of("*?[") == std::string::npos || !first_existing({name}).empty()) {
      files.push_back(name);
      continue;
    }
    for (std::string& file : matches(key, name)) files.push_back(std::move(file));
  }
  std::vector<std::string> sorted = files;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end())
    throw BadInput("-" + key + " " + text + ": " + *twice + " is named twice; name it once");
  for (const std::string& file : files)
    if (files.size() > 1 && file.find(',') != std::string::npos)
      throw BadInput(file + ": has a comma in its name; rename it, or give it alone");
  return files;
}

std::string joined_names(const std::vector<std::string>& files) {
  std::string text;
  for (const std::string& file : files) text += (text.empty() ? "" : ",") + file;
  return text;
}

std::vector<std::string> split_names(const std::string& text, std::size_t files) {
  return files == 1 ? std::vector<std::string>{text} : parts_of(text);
}

}  // namespace admmnet
