#include "data/matrix_market.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "data/csv_text.h"
#include "data/text_lines.h"
#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return lower;
}

std::string place(const std::string& path, Index line) {
  return path + ", line " + std::to_string(line) + ": ";
}

bool is_comment_or_empty(std::string_view line) {
  line = trimmed(line);
  return line.empty() || line[0] == '%';
}

/// %%MatrixMarket matrix coordinate pattern symmetric
void parse_banner(std::string_view rest, MatrixMarketHeader& header) {
  const std::string at = place(header.path, 1);
  const std::string banner = lower_case(next_field(rest)), object = lower_case(next_field(rest));
  const std::string format = lower_case(next_field(rest)), field = lower_case(next_field(rest));
  const std::string symmetry = lower_case(next_field(rest));
  if (banner != "%%matrixmarket" || object != "matrix")
    throw BadInput(at +
                   "does not begin with %%MatrixMarket matrix; -data_graph takes a Matrix "
                   "Market file");
  if (format != "coordinate")
    throw BadInput(at + "a graph is a sparse matrix, and this one is " + quoted(format) +
                   "; write it as coordinate");
  if (field != "pattern" && field != "real" && field != "integer" && field != "double")
    throw BadInput(at + "weights are " + quoted(field) +
                   "; write them as real, integer or pattern");
  if (symmetry != "symmetric" && symmetry != "general")
    throw BadInput(at + "the graph must be undirected, and this matrix is " + quoted(symmetry) +
                   "; write it as symmetric");
  header.pattern = field == "pattern";
  header.symmetric = symmetry == "symmetric";
}

/// nodes nodes entries
void parse_sizes(std::string_view rest, MatrixMarketHeader& header) {
  const std::string at = place(header.path, header.size_line);
  Index rows = 0, cols = 0;
  if (!parse_index(next_field(rest), rows) || !parse_index(next_field(rest), cols) ||
      !parse_index(next_field(rest), header.entries) || !next_field(rest).empty() || rows < 1 ||
      cols < 1 || header.entries < 0)
    throw BadInput(at + "holds the three sizes of the matrix: rows, columns, entries");
  if (rows != cols)
    throw BadInput(at + "the matrix has " + std::to_string(rows) + " rows and " +
                   std::to_string(cols) + " columns; that of a graph is square");
  header.nodes = rows;
}

MatrixMarketEntry parse_entry(const MatrixMarketHeader& header, std::string_view rest, Index line) {
  const auto fail = [&](const std::string& what) {
    throw BadInput(place(header.path, line) + what);
  };
  const auto node = [&](std::string_view field) {
    Index number = 0;
    if (!parse_index(field, number))
      fail(quoted(field) + " is no node; an entry is row, column" +
           (header.pattern ? "" : ", weight"));
    if (number < 1)
      fail("node " + std::to_string(number) +
           ": rows and columns are counted from 1; where they begin with 0, add 1 to all of them");
    if (number > header.nodes)
      fail("node " + std::to_string(number) + " is beyond the " + std::to_string(header.nodes) +
           " of line " + std::to_string(header.size_line));
    return number - 1;
  };
  MatrixMarketEntry entry{0, 0, 1.0, line};
  entry.row = node(next_field(rest));
  entry.col = node(next_field(rest));
  if (!header.pattern) {
    const std::string_view field = next_field(rest);
    if (!parse_number(field, entry.weight) || !std::isfinite(entry.weight))
      fail(quoted(field) + " is no finite weight; replace it or leave the edge out");
    if (entry.weight < 0.0)
      fail("the weight " + std::string(field) +
           " is negative; weights of edges are 0 or more, since their sums are divided by");
  }
  if (!next_field(rest).empty())
    fail(std::string("has more fields than row, column") +
         (header.pattern ? "; with weights the first line says real, not pattern" : ", weight"));
  return entry;
}

/// What a rank reads: entries number first .. end - 1 of those from byte `begin` to `end_byte`.
struct Part {
  Index begin = 0, end_byte = TextLines::no_end;
  Index first = 0, end = 0;
  Index first_line = 0;  ///< the number of the line at `begin`
};

struct Count {
  Index lines = 0, entries = 0;
};

Count count_lines(const MatrixMarketHeader& header, const Part& part) {
  TextLines lines(header.path, part.begin, part.end_byte);
  Count count;
  for (std::string_view line; lines.next(line); ++count.lines)
    if (!is_comment_or_empty(line)) ++count.entries;
  return count;
}

void check_count(const MatrixMarketHeader& header, Index found) {
  if (found != header.entries)
    throw BadInput(place(header.path, header.size_line) + "promises " +
                   std::to_string(header.entries) + " entries, and there are " +
                   std::to_string(found) + "; is the file whole?");
}

/// Of a plain file the own byte range, whose lines are counted by each rank for the others. Of a
/// packed one, which is read from its beginning, an equal share of the entries. Collective.
Part own_part(const MatrixMarketHeader& header, MPI_Comm comm) {
  const Index ranks = size_of(comm), rank = rank_of(comm);
  Part part;
  if (header.compressed) {
    part.first_line = 1;
    part.first = header.entries / ranks * rank + std::min(rank, header.entries % ranks);
    part.end = part.first + header.entries / ranks + (rank < header.entries % ranks ? 1 : 0);
    return part;
  }
  const Index bytes = header.bytes - header.begin;
  const auto bound = [&](Index r) {
    return header.begin + bytes / ranks * r + std::min(r, bytes % ranks);
  };
  part.begin = bound(rank);
  part.end_byte = bound(rank + 1);
  Count own;
  collectively(comm, [&] { own = count_lines(header, part); });
  Index before[2] = {0, 0}, all = 0;
  const Index counts[2] = {own.lines, own.entries};
  ADMMNET_MPI(MPI_Exscan(counts, before, 2, MPI_INT64_T, MPI_SUM, comm));
  ADMMNET_MPI(MPI_Allreduce(&counts[1], &all, 1, MPI_INT64_T, MPI_SUM, comm));
  check_count(header, all);
  part.first_line = header.size_line + 1 + (rank > 0 ? before[0] : 0);
  part.end = own.entries;
  return part;
}

std::vector<MatrixMarketEntry> read_part(const MatrixMarketHeader& header, const Part& part) {
  TextLines lines(header.path, part.begin, part.end_byte);
  std::vector<MatrixMarketEntry> entries;
  if (!header.compressed) entries.reserve(static_cast<std::size_t>(part.end));  // counted, not said
  Index number = 0;
  for (std::string_view line; lines.next(line);) {
    const Index in_file = part.first_line + lines.number() - 1;
    if (in_file <= header.size_line || is_comment_or_empty(line)) continue;
    if (number >= part.first && number < part.end)
      entries.push_back(parse_entry(header, line, in_file));
    ++number;
  }
  if (header.compressed) check_count(header, number);
  return entries;
}

}  // namespace

MatrixMarketHeader read_matrix_market_header(const std::string& path) {
  MatrixMarketHeader header;
  header.path = path;
  TextLines lines(path);
  std::string_view line;
  if (!lines.next(line))
    throw BadInput(path + ": is empty; -data_graph takes a Matrix Market file");
  parse_banner(line, header);
  do {
    if (!lines.next(line))
      throw BadInput(path + ": ends before the line of the sizes; fetch it again");
  } while (is_comment_or_empty(line));
  header.compressed = lines.compressed();
  header.size_line = lines.number();
  header.bytes = lines.size_on_disk();
  header.begin = std::min(lines.offset() + static_cast<Index>(line.size()) + 1, header.bytes);
  parse_sizes(line, header);
  return header;
}

std::vector<MatrixMarketEntry> read_matrix_market(const MatrixMarketHeader& header, MPI_Comm comm) {
  const Part part = own_part(header, comm);
  std::vector<MatrixMarketEntry> entries;
  collectively(comm, [&] { entries = read_part(header, part); });
  return entries;
}

}  // namespace admmnet
