#include "runtime/files.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "runtime/error.h"
#include "scratch_folder.h"

using namespace admmnet;
using test::ScratchFolder;
using Mode = LineWriter::Mode;
using Names = std::vector<std::string>;

TEST_CASE("a text is written whole and read back") {
  const ScratchFolder folder;
  const std::string path = folder / "text";
  CHECK_FALSE(file_exists(path));
  for (const std::string& text :
       {std::string("first\nline"), std::string(), std::string(200000, 'x')}) {
    write_text_atomically(path, text);
    CHECK(read_text(path) == text);
    CHECK(names_in(folder.name()) == Names{"text"});
  }
  CHECK_THROWS_WITH(read_text(path, 199999), Catch::Contains("more than 199999 bytes"));
}

TEST_CASE("temporary names are new ones each time, and known as such") {
  const ScratchFolder folder;
  const std::string one = write_temporary(folder / "run.latest", "text");
  const std::string other = write_temporary(folder / "run.latest", "");
  CHECK(one != other);
  CHECK(read_text(one) == "text");
  const std::string name = one.substr(folder.name().size() + 1);
  CHECK(is_temporary_name(name, "run.latest"));
  for (const std::string& none :
       {"a" + name, name + "a", std::string("run.latest.tmp"), std::string("run.latest"),
        std::string("run.latest.0123456789xy.tmp"), std::string()})
    CHECK_FALSE(is_temporary_name(none, "run.latest"));
}

TEST_CASE("only regular files of this very name are read and written") {
  const ScratchFolder folder;
  write_text_atomically(folder / "target", "kept\n");
  std::filesystem::create_symlink("target", folder / "a link");
  std::filesystem::create_symlink("nothing", folder / "a link to nothing");
  std::filesystem::create_symlink("/dev/zero", folder / "a link to a device");
  std::filesystem::create_directory(folder / "a folder");
  CHECK(mkfifo((folder / "a pipe").c_str(), 0600) == 0);
  for (const std::string& name : names_in(folder.name())) {
    if (name == "target") continue;
    const std::string path = folder / name, kind = "not a regular file";
    CHECK_THROWS_WITH(read_text(path), Catch::Contains(path) && Catch::Contains(kind));
    for (const Mode mode : {Mode::append, Mode::truncate})
      CHECK_THROWS_WITH(LineWriter(path, mode), Catch::Contains(path) && Catch::Contains(kind));
  }
  CHECK_THROWS_WITH(read_text("/dev/zero"), Catch::Contains("it is a device"));
  write_text_atomically(folder / "a link", "new");
  write_text_atomically(folder / "a pipe", "new");
  CHECK(read_text(folder / "a link") == "new");
  CHECK(read_text(folder / "target") == "kept\n");
  CHECK_FALSE(file_exists(folder / "nothing"));
  CHECK_THROWS_WITH(names_in(folder / "none"), Catch::Contains("cannot list the folder"));
}

TEST_CASE("a text that cannot be written leaves the old one") {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "kept");
  CHECK_THROWS_AS(write_text_atomically(folder / "kept", "new"), IoFailure);
  CHECK(names_in(folder.name()) == Names{"kept"});
}

TEST_CASE("a file-size limit is an error with a remedy, and no rest stays behind") {
  const ScratchFolder folder;
  write_text_atomically(folder / "kept", "old");
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small = {1000, before.rlim_max};
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  std::string message;
  try {
    write_text_atomically(folder / "kept", std::string(5000, 'x'));
  } catch (const IoFailure& failure) {
    message = failure.what();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  CHECK(message.find(".tmp: File too large") != std::string::npos);
  CHECK(message.find("-run_outdir") != std::string::npos);
  CHECK(read_text(folder / "kept") == "old");
  CHECK(names_in(folder.name()) == Names{"kept"});
}

TEST_CASE("errors name the path and the reason") {
  const ScratchFolder folder;
  CHECK_THROWS_WITH(read_text(folder / "none"), Catch::Contains("cannot read " + folder / "none") &&
                                                    Catch::Contains("No such file"));
  CHECK_THROWS_AS(write_text_atomically(folder / "none/text", ""), IoFailure);
  CHECK_THROWS_AS(LineWriter(folder / "none/text", Mode::append), IoFailure);
  CHECK_THROWS_AS(free_bytes(folder / "none"), IoFailure);
  CHECK_THROWS_AS(sync_directory(folder / "none"), IoFailure);
  CHECK_THROWS_AS(publish_file(folder / "none", folder / "some"), IoFailure);
}

TEST_CASE("folders are made with their parents, also when they are there") {
  const ScratchFolder folder;
  make_directory(folder / "a/b/c");
  make_directory(folder / "a/b/c");
  CHECK(std::filesystem::is_directory(folder / "a/b/c"));
  write_text_atomically(folder / "file", "");
  CHECK_THROWS_AS(make_directory(folder / "file"), IoFailure);
  CHECK_THROWS_AS(make_directory(folder / "file/below"), IoFailure);
}

TEST_CASE("the folder of a path") {
  CHECK(directory_of("file") == ".");
  CHECK(directory_of("some/folder/file") == "some/folder");
  CHECK(directory_of("/file") == "/");
}

TEST_CASE("free space is that which is left to users") {
  const ScratchFolder folder;
  const auto available = static_cast<double>(std::filesystem::space(folder.name()).available);
  // Others may write meanwhile.
  CHECK(free_bytes(folder.name()) == Approx(available).epsilon(0.01).margin(1e9));
}

TEST_CASE("lines are in the file at once") {
  const ScratchFolder folder;
  LineWriter writer(folder / "lines", Mode::truncate);
  writer.write("one");
  CHECK(read_text(folder / "lines") == "one\n");
  LineWriter moved = std::move(writer);
  moved.write("two");
  writer.write("nowhere");
  CHECK(read_text(folder / "lines") == "one\ntwo\n");
}

TEST_CASE("append keeps what is there and ends a torn line, truncate does not") {
  const ScratchFolder folder;
  write_text_atomically(folder / "lines", "whole\ntor");
  LineWriter(folder / "lines", Mode::append).write("new");
  CHECK(read_text(folder / "lines") == "whole\ntor\nnew\n");
  LineWriter(folder / "lines", Mode::append).write("more");
  CHECK(read_text(folder / "lines") == "whole\ntor\nnew\nmore\n");
  LineWriter(folder / "lines", Mode::truncate).write("only");
  CHECK(read_text(folder / "lines") == "only\n");
}

TEST_CASE("a full disk costs lines, not the run, which goes on when there is space again") {
  const ScratchFolder folder;
  LineWriter writer(folder / "lines", Mode::truncate);
  writer.write("one");
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small = {7, before.rlim_max};
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  writer.write("too long");
  CHECK_NOTHROW(writer.write("lost"));
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  writer.write("two");
  CHECK(read_text(folder / "lines") == "one\ntoo\ntwo\n");
}
