// What csv_row.h says, row by row.
#include <catch2/catch.hpp>

#include "csv_row.h"

using namespace admmnet;
using test::check;
using test::none;
using test::repeated;
using test::Row;

namespace {

std::vector<std::string> column(const std::string& value) {
  return {"-data_label_column", value};
}

/// Every second byte zero, as in UTF-16.
std::string widened(const std::string& text) {
  std::string result;
  for (const char c : text) result += {c, '\0'};
  return result;
}

}  // namespace

TEST_CASE("odd files of public bug reports") {
  const std::vector<Row> rows = {
      {"trailing separators on the data lines only",
       "A,B,C\n1,4,7,\n2,5,8,\n3,6,9,\n",
       none,
       "[A B] 1 4>7 | 2 5>8 | 3 6>9",
       {"separator at the end of every line"}},
      {"decimal commas between semicolons",
       "A;B;C;D\n1,1;2,2;3,3;4\n1,1;2,2;3,3;4\n",
       none,
       "[A B C] 1.1 2.2 3.3>4 | 1.1 2.2 3.3>4",
       {"semicolons", "decimal commas"}},
      {"decimal points and decimal commas",
       "a;b;c\n1.5;2;0\n1,5;3;1\n",
       none,
       "!",
       {"line 3 has a decimal comma, line 2 a decimal point"}},
      {"lines that end as on old Macs",
       "feature_a,feature_b,label\r0.3,1.2,1\r2.4,5.2,0\r0.3,-1.2,1",
       none,
       "!",
       {"carriage return alone", "old Macs", "tr '\\r' '\\n'", "dos2unix -c mac"}},
      {"an index that pandas wrote",
       ",feat_0,feat_1,y\n0,0.5,1.5,a\n1,2.5,3.5,b\n",
       none,
       "[feat_0 feat_1] 0.5 1.5>a | 2.5 3.5>b",
       {"column 1 has no name", "left out"}},
      {"names of rows that R wrote",
       "\"\",\"mpg\",\"cyl\"\n\"Mazda RX4\",21,6\n\"Fiat 128\",32.4,4\n",
       none,
       "[mpg] 21>6 | 32.4>4",
       {"column 1 has no name"}},
      {"a header that is one name short",
       "AAAC\tAAAG\tTTTG\ngene1\t0\t1\t5\ngene2\t2\t3\t6\n",
       none,
       "[AAAC AAAG] 0 1>5 | 2 3>6",
       {"tabs", "column 1 has no name"}},
      {"lines that end with two carriage returns", "1,2,0\r\r\n3,4,1\r\r\n", none, "1 2>0 | 3 4>1"},
      {"a separator named for spreadsheets",
       "sep=;\r\na;b;c\r\n1;2;0\r\n3;4;1\r\n",
       none,
       "[a b] 1 2>0 | 3 4>1",
       {"semicolons"}},
      {"missing values as Weka writes them",
       "5.1,3.5,1.4,0.2,Iris-setosa\n4.4,?,1.5,?,Iris-setosa\n",
       none,
       "!",
       {"line 2, field 2", "'?'", "-data_missing drop", "-data_missing mean"}},
      {"the same, left out",
       "5.1,3.5,Iris-setosa\n4.4,?,Iris-setosa\n",
       {"-data_missing", "drop"},
       "5.1 3.5>Iris-setosa | -",
       {"1 sample with a missing value", "line 2"}},
      {"UTF-16, as Excel's Unicode text",
       "\xFF\xFE" + widened("a\tb\n1\t0\n"),
       none,
       "!",
       {"UTF-16", "iconv -f UTF-16 -t UTF-8"}},
      {"a byte-order mark before the first name", "\xEF\xBB\xBF\"_id\",b,c\n1,2,0\n3,4,1\n", none,
       "[_id b] 1 2>0 | 3 4>1"},
      {"line ends within quotes",
       "n,c,k\n1,3,\"Red\"\n2,\"4\n\",Blue\n5,x,Red\n",
       none,
       "!",
       {"line 5, field 2", "'x'"}},
      {"empty rows below the table, as Excel writes them",
       "1,2,0\n3,4,1\n,,\n,,\n",
       none,
       "1 2>0 | 3 4>1",
       {"2 line(s) of nothing but separators"}},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("the header") {
  const std::vector<Row> rows = {
      {"none", "1,2,0\n3,4,1\n", none, "1 2>0 | 3 4>1"},
      {"names", "a,b,c\n1,2,0\n", none, "[a b] 1 2>0", {"first line is taken as a header"}},
      {"a sample with a name as its label", "5.1,3.5,setosa\n4,3,virginica\n", none,
       "5.1 3.5>setosa | 4 3>virginica"},
      {"columns that are counted",
       "0,1,2\n5,6,1\n7,8,0\n",
       none,
       "[0 1] 5 6>1 | 7 8>0",
       {"header (0, 1, 2, ...)", "-data_header no"}},
      {"the same as a sample", "0,1,2\n5,6,1\n", {"-data_header", "no"}, "0 1>2 | 5 6>1"},
      {"features that are counted, a label with a name", "0,1,label\n5,6,1\n7,8,0\n", none,
       "[0 1] 5 6>1 | 7 8>0"},
      {"the same, the label first", "target,0,1\n1,5,6\n0,7,8\n", column("first"),
       "[0 1] 5 6>1 | 7 8>0"},
      {"a first sample that begins like a count", "0,1,2,setosa\n0,1,3,virginica\n", none,
       "0 1 2>setosa | 0 1 3>virginica"},
      {"a missing value in the first line",
       "?,2,0\n3,4,1\n",
       none,
       "!",
       {"line 1, field 1", "'?'", "-data_missing"}},
      {"NA in the first line", "1,NA,0\n3,4,1\n", none, "!", {"line 1, field 2", "'NA'"}},
      {"a Fortran number in the first line",
       "1.0D+00,2,0\n3,4,1\n",
       none,
       "!",
       {"line 1, field 1", "'1.0D+00' is not a number", "-data_header yes"}},
      {"no number but the label",
       "red,small,1\nblue,large,0\n",
       none,
       "!",
       {"line 1, field 1", "'red' is not a number", "-data_header yes"}},
      {"years as names",
       "1999,2000,label\n1,2,0\n3,4,1\n",
       none,
       "!",
       {"line 1, field 3", "'label'", "the only one that is not a number", "-data_header yes"}},
      {"the same, said to be a header",
       "1999,2000,label\n1,2,0\n3,4,1\n",
       {"-data_header", "yes"},
       "[1999 2000] 1 2>0 | 3 4>1"},
      {"names that are said to be a sample",
       "a,b,c\n1,2,0\n",
       {"-data_header", "no"},
       "!",
       {"line 1, field 1", "'a'"}},
      {"a label of another place",
       "class,b,c\n0,2,3\n1,4,5\n",
       none,
       "[class b] 0 2>3 | 1 4>5",
       {"'class', is read as a feature", "-data_label_column class"}},
      {"a header and no sample", "a,b,label\n", none, "!", {"no samples"}},
      {"a name in Latin-1", "a,\xFC,c\n1,2,0\n", none, "!", {"line 1, field 2", "UTF-8", "iconv"}},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("the column of the labels") {
  const std::string plain = "1,2,0\n3,4,1\n", named = "sepal,class,petal\n1,a,2\n3,b,4\n";
  const std::vector<Row> rows = {
      {"first", plain, column("first"), "2 0>1 | 4 1>3"},
      {"by number", plain, column("2"), "1 0>2 | 3 1>4"},
      {"none", plain, column("none"), "1 2 0 | 3 4 1"},
      {"by name", named, column("class"), "[sepal petal] 1 2>a | 3 4>b"},
      {"a name among years", "2000,2001,class\n1,2,0\n3,4,1\n", column("class"),
       "[2000 2001] 1 2>0 | 3 4>1"},
      {"a number that is too large",
       plain,
       column("4"),
       "!",
       {"-data_label_column 4", "only 3 columns"}},
      {"a name that is not there",
       named,
       column("klass"),
       "!",
       {"-data_label_column klass", "did you mean class?"}},
      {"a name that is far from all", named, column("quality"), "!", {"'sepal', 'class', 'petal'"}},
      {"a name without a header",
       plain,
       column("class"),
       "!",
       {"-data_label_column class", "has no header", "-data_header yes"}},
      {"a name that stands twice", "y,a,y\n1,2,3\n", column("y"), "!", {"2 columns"}},
      {"an index by its number", ",a,b\n7,1,2\n9,3,4\n", column("1"), "[a b] 1 2>7 | 3 4>9"},
      {"the first one behind an index", ",a,b\n0,1,2\n1,3,4\n", column("first"), "[b] 2>1 | 4>3"},
      {"a first column without a name that is no index", ",a,b\n7,1,2\n9,3,4\n", column("first"),
       "[a b] 1 2>7 | 3 4>9"},
      {"fractions without a name",
       ",a,b\n0.5,1,2\n0.7,3,4\n",
       none,
       "!",
       {"line 2, field 1", "column 1 has no name", "give it one"}},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("labels") {
  const std::vector<Row> rows = {
      {"integers in any spelling", "1,1.0\n2,+1\n3,1e0\n4,-2147483648\n", none,
       "1>1 | 2>1 | 3>1 | 4>-2147483648"},
      {"of 64 bits", "1,9999999999\n2,-9223372036854775808\n", none,
       "1>9999999999 | 2>-9223372036854775808"},
      {"the indices that mean none", "1,-1\n2,-2\n3,-3\n4,-4\n", none, "1>-1 | 2>-2 | 3>-3 | 4>-4"},
      {"names and numbers", "1,2\n3,1.5\n4,unknown\n", none, "1>2 | 3>1.5 | 4>unknown"},
      {"quotes, separators and quotes within", "1,\"a, \"\"b\"\"\"\n2, \"c\" \n", none,
       "1>a, \"b\" | 2>c"},
      {"NA as a name is quoted", "1,\"NA\"\n2,none\n", none, "1>NA | 2>none"},
      {"numbers that are not integers", "1,0\n2,1.5\n", none, "1=0 | 2=1.5"},
      {"the same as classes",
       "1,0\n2,1.5\n",
       {"-data_task", "classification"},
       "!",
       {"line 2, field 2", "'1.5' is not an integer", "-data_label_column"}},
      {"missing", "1,0\n2,\n3,1\n", none, "!", {"line 2, field 2", "the label is missing"}},
      {"missing, left out", "1,0\n2,NA\n3,1\n", {"-data_missing", "drop"}, "1>0 | - | 3>1"},
      {"missing, which has no mean",
       "1,0\n2,NA\n",
       {"-data_missing", "mean"},
       "!",
       {"line 2, field 2", "-data_missing drop"}},
      {"not UTF-8", "1,Gr\xFCn\n2,Rot\n", none, "!", {"line 1, field 2", "iconv -f ISO-8859-1"}},
      {"UTF-8", "1,Grün\n2,Rot\n", none, "1>Grün | 2>Rot"},
      {"of several lines", "1,a\n2,\"b\nc\"\n", none, "!", {"line 2, field 2", "several lines"}},
      {"a text", "1,0\n2," + std::string(300, 'x') + "\n", none, "!", {"300 bytes long"}},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("real targets") {
  const std::vector<std::string> two = {"-data_targets", "2"},
                                 regression = {"-data_task", "regression"};
  const std::vector<Row> rows = {
      {"integers, asked for", "1,2\n2,-3\n", regression, "1=2 | 2=-3"},
      {"decimal commas", "1;2,5\n2;-3,25\n", none, "1=2.5 | 2=-3.25"},
      {"several beside each other", "1,2,3\n4,5,6.5\n", two, "1=2,3 | 4=5,6.5"},
      {"the first ones",
       "1,2,3\n4,5,6.5\n",
       {"-data_targets", "2", "-data_label_column", "first"},
       "3=1,2 | 6.5=4,5"},
      {"by names and numbers, in the order of the file",
       "a,b,c,d\n1,2,3,4\n5,6,7,8\n",
       {"-data_label_column", "c,1"},
       "[b d] 2 4=1,3 | 6 8=5,7"},
      {"a name that is not there",
       "a,b,c\n1,2,3\n",
       {"-data_label_column", "a,e"},
       "!",
       {"-data_label_column e", "has no such column"}},
      {"one missing of two, left out",
       "1,2,NA\n4,5,6.5\n",
       {"-data_targets", "2", "-data_missing", "drop"},
       "- | 4=5,6.5"},
      {"an infinity among them", "1,0.5\n2,inf\n", none, "!", {"line 2, field 2", "finite"}},
      {"a text among them",
       "1,0.5\n2,oak\n",
       regression,
       "!",
       {"line 2, field 2", "'oak' is not a number"}},
      {"no feature left", "1,2\n3,4\n", two, "!", {"-data_targets 2", "only 2 columns"}},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("lines, fields and values") {
  const std::vector<Row> rows = {
      {"comments and blank lines",
       "# x\n\n1,2,0\n \n # y\n3,4,1\n",
       none,
       "1 2>0 | 3 4>1",
       {"2 lines that begin with #", "line 1"}},
      {"a failed formula is no comment", "1,0\n#DIV/0!,1\n", none, "!", {"line 2, field 1"}},
      {"an unavailable value is no comment",
       "1,0\n#N/A,1\n",
       {"-data_missing", "mean"},
       "1>0 | nan>1",
       {"1 missing value is filled in", "line 2"}},
      {"tabs", "1\t2\t0\n3\t4\t1\n", none, "1 2>0 | 3 4>1", {"tabs"}},
      {"bars", "1|2|0\n3|4|1\n", none, "1 2>0 | 3 4>1", {"bars"}},
      {"names with semicolons between commas", "1,2,a;b\n3,4,c;d\n", none, "1 2>a;b | 3 4>c;d"},
      {"decimal commas between tabs",
       "1,5\t0\n2,5\t1\n",
       none,
       "!",
       {"line 1, field 1", "'1,5'", "write points"}},
      {"a decimal comma that comes late", "1;0\n2;1\n2,5;0\n", none, "1>0 | 2>1 | 2.5>0"},
      {"a trailing separator without a header", "1,0,\n2,1,\n", none, "1>0 | 2>1"},
      {"a value behind it",
       repeated("1,0,\n", 40) + "3,1,7\n",
       none,
       "!",
       {"line 41, field 3", "behind the separator"}},
      {"a label that is not there yet",
       "a,b,label\n1,2,\n3,4,\n",
       {"-data_missing", "drop"},
       "[a b] - | -"},
      {"not finite", "1,inf,0\n", none, "!", {"line 1, field 2", "'inf'", "finite"}},
      {"too large", "1,1e999,0\n3,4,1\n", none, "!", {"line 1, field 2", "'1e999'", "finite"}},
      {"nan", "1,2,0\n3,nan,1\n", none, "!", {"line 2, field 2", "'nan'", "-data_missing"}},
      {"empty", "1,2,0\n\n3,,1\n", none, "!", {"line 3, field 2", "is empty", "-data_missing"}},
      {"a word", "a,b,c\n1,2,0\n3,x4,1\n", none, "!", {"line 3, field 2", "'x4'", "not a number"}},
      {"a field too many", "1,2,0\n3,4,5,1\n", none, "!", {"line 2", "4 fields", "line 1 has 3"}},
      {"a field too few", "a,b,c,d\n3,4,1\n", none, "!", {"line 2", "3 fields", "line 1 has 4"}},
      {"one field", "1\n2\n", none, "!", {"line 1", "1 field", "semicolons"}},
      {"nothing", "", none, "!", {"no samples"}},
      {"comments alone", "# a\n# b\n", none, "!", {"no samples"}},
      {"a quote that is not closed", "1,\"2,0\n3,4,1\n", none, "!", {"line 1", "never closed"}},
      {"a quote in the midst", "1,\"a\"b,0\n", none, "!", {"line 1", "behind its closing quote"}},
      {"the line of a value behind lines within quotes",
       "1,\"a\nb\",0\n3,\"c\",x\n",
       column("2"),
       "!",
       {"line 1, field 2", "several lines"}},
      {"zeros", std::string("\0\1\2\n\0\3,\n", 8), none, "!", {"bytes of zero"}},
      {"UTF-16 without a mark", widened("1,2,0\n3,4,1\n"), none, "!", {"UTF-16"}},
      {"a web page", "<!DOCTYPE html>\n<html>\n", none, "!", {"web page"}},
      {"a workbook", "PK\x03\x04....", none, "!", {"ZIP", "save it as CSV"}},
      {"a lone carriage return", "1,2,0\n3,4\r5,1\n", none, "!", {"line 2", "carriage return"}},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("columns of a file for test or prediction") {
  TrainedColumns trained{{"a", "b", "c"}, false};
  const std::vector<Row> rows = {
      {"the same", "a,b,c,y\n1,2,3,0\n", none, "[a b c] 1 2 3>0"},
      {"another order", "c,a,b,y\n1,2,3,0\n", none, "[a b c] 2 3 1>0", {"another order"}},
      {"the label elsewhere",
       "y,c,a,b\n0,1,2,3\n",
       none,
       "[a b c] 2 3 1>0",
       {"the label is column 1, 'y'"}},
      {"no label", "c,b,a\n1,2,3\n", none, "[a b c] 3 2 1", {"no label column"}},
      {"an index", ",b,a,c,y\n0,1,2,3,7\n1,4,5,6,8\n", none, "[a b c] 2 1 3>7 | 5 4 6>8"},
      {"no header", "1,2,3,0\n", none, "1 2 3>0", {"in the order of training"}},
      {"another name",
       "a,bb,c,y\n1,2,3,0\n",
       none,
       "!",
       {"has no column 'b'", "'bb'", "training does not have"}},
      {"a column too many", "a,b,c,d,y\n1,2,3,4,0\n", none, "!", {"has the column 'd'"}},
      {"a column too few", "a,c,y\n1,2,0\n", none, "!", {"has no column 'b'"}},
      {"a name twice", "a,b,c,c,y\n1,2,3,4,0\n", none, "!", {"stands twice"}},
  };
  for (const Row& row : rows) check(row, &trained);
  trained.labels_needed = true;
  check({"no label where one is needed", "c,b,a\n1,2,3\n", none, "!", {"has no labels"}}, &trained);
}
