// Every header compiles by itself: it includes what it needs.
//
// A unit for each header would parse LibTorch 70 times, so headers share units in which none sees more than it
// includes. Each is written out with the headers of ours that it includes, in a namespace (`unet` is a macro) that
// holds nothing else before it, and stands in a unit only after headers whose system headers it includes too.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <deque>
#include <numeric>
#include <sstream>
#include <thread>
#include <tuple>

#include "tests/support/file_text.h"
#include "tests/support/planted_tree.h"
#include "tests/support/source_tree.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

struct Header {
  std::string path;              ///< below the root
  std::set<std::string> system;  ///< headers that it includes, directly or not, and that are not ours
  std::set<std::string> ours;    ///< those that are, and itself
};

using Unit = std::vector<Header>;

Header describe_header(const fs::path& root, const std::string& path) {
  Header header{path, {}, {path}};
  const std::set<std::string> includes = all_includes(root, path);
  const auto is_torch = [](const std::string& name) {
    return name.rfind("torch/", 0) == 0 && name != "torch/version.h";
  };
  const bool has_torch = std::any_of(includes.begin(), includes.end(), is_torch);
  if (has_torch) header.system.insert("torch/types.h");  // part of all others; includes most of the standard library
  for (const std::string& include : includes)
    if (fs::exists(root / include))
      header.ours.insert(include);
    else if (!has_torch || include.find('/') != std::string::npos)
      header.system.insert(include);
  return header;
}

bool includes_all(const Header& header, const Header& other) {
  return std::includes(header.system.begin(), header.system.end(), other.system.begin(), other.system.end());
}

/// Distributes the headers in `folders` over few translation units.
std::vector<Unit> header_units(const fs::path& root, const std::vector<std::string>& folders) {
  std::vector<Header> headers;
  for (const std::string& folder : folders)
    for (const fs::path& file : sources_in(root / folder))
      if (file.extension() == ".h") headers.push_back(describe_header(root, fs::relative(file, root).string()));
  std::sort(headers.begin(), headers.end(), [](const Header& a, const Header& b) {
    return std::make_tuple(a.system.size(), std::cref(a.system), a.ours.size(), std::cref(a.path)) <
           std::make_tuple(b.system.size(), std::cref(b.system), b.ours.size(), std::cref(b.path));
  });
  std::vector<Unit> units;
  for (const Header& header : headers) {
    Unit* best = nullptr;
    for (Unit& unit : units)
      if (includes_all(header, unit.back()) && (!best || unit.back().system.size() > best->back().system.size()))
        best = &unit;
    (best ? *best : units.emplace_back()).push_back(header);
  }
  return units;
}

/// A namespace of a unit, in which headers are written out: each of ours once, in place of its include.
class UnitNamespace {
 public:
  UnitNamespace(const fs::path& root, size_t number) : root_(root), name_("unet_" + std::to_string(number)) {}

  /// Whether all that stands here is included by `header`. Macros end with the header that defined them.
  bool suits(const Header& header) const {
    return !has_macros_ && std::includes(header.ours.begin(), header.ours.end(), added_.begin(), added_.end());
  }

  size_t size() const { return added_.size(); }

  /// The text of the header and of what it includes and is not here yet.
  std::string add(const std::string& path) {
    std::ostringstream text;
    std::set<std::string> macros;
    text << "#define unet " << name_ << '\n';
    write(path, text, macros);
    text << "#undef unet\n";
    for (const std::string& macro : macros) text << "#undef " << macro << '\n';
    has_macros_ = !macros.empty();
    return text.str();
  }

 private:
  void write(const std::string& path, std::ostream& text, std::set<std::string>& macros) {
    if (!added_.insert(path).second) return;
    static const std::regex definition(R"(^\s*#\s*define\s+(\w+))");
    std::ifstream file(root_ / path);
    const auto mark = [&](int line) { text << "#line " << line << " \"" << path << "\"\n"; };
    mark(1);
    std::string line;
    std::smatch match;
    for (int number = 1; std::getline(file, line); ++number) {
      const std::string include = include_in(line);
      if (!include.empty() && fs::exists(root_ / include)) {
        write(include, text, macros);
        mark(number + 1);
        continue;
      }
      if (std::regex_search(line, match, definition)) macros.insert(match[1]);
      text << (line == "#pragma once" ? "" : line) << '\n';
    }
  }

  fs::path root_;
  std::string name_;
  std::set<std::string> added_;
  bool has_macros_ = false;
};

/// Each header in the fullest namespace that suits it, or in a new one.
std::string unit_text(const fs::path& root, const Unit& unit) {
  std::string text;
  std::deque<UnitNamespace> namespaces;
  for (const Header& header : unit) {
    UnitNamespace* best = nullptr;
    for (UnitNamespace& each : namespaces)
      if (each.suits(header) && (best == nullptr || each.size() > best->size())) best = &each;
    if (best == nullptr) best = &namespaces.emplace_back(root, namespaces.size());
    text += best->add(header.path);
  }
  return text;
}

std::string lines_containing(const std::string& text, const std::string& part) {
  std::istringstream stream(text);
  std::string found;
  for (std::string line; std::getline(stream, line);)
    if (line.find(part) != std::string::npos) found += line + '\n';
  return found.empty() ? text : found;
}

/// Returns the compiler's errors in a unit; empty if it compiles. Text and flags of units that compiled are kept in
/// `folder`, so that unchanged units are not compiled again.
std::string compile_errors(const fs::path& folder, const std::string& name, const std::string& text) {
  const std::string source = folder / (name + ".cpp"), log = folder / (name + ".log"), passed = folder / (name + ".ok");
  const std::string identity = file_text(UNET_HEADER_FLAGS) + text;
  if (fs::exists(passed) && file_text(passed) == identity) return "";
  fs::remove(passed);
  std::ofstream(source) << text;
  const std::string command =
      "'" UNET_CXX "' -x c++ -fsyntax-only -w '@" UNET_HEADER_FLAGS "' '" + source + "' >'" + log + "' 2>&1";
  if (std::system(command.c_str()) != 0) return lines_containing(file_text(log), "error:");
  std::ofstream(passed) << identity;
  return "";
}

/// Returns the compiler's errors for headers in `folders` that do not compile by themselves.
std::string header_errors(const fs::path& root, const std::vector<std::string>& folders, const fs::path& work_folder) {
  fs::create_directories(work_folder);
  const std::vector<Unit> units = header_units(root, folders);
  std::atomic<size_t> next = 0;
  std::vector<std::string> errors(units.size());
  const auto work = [&] {
    for (size_t i = next++; i < units.size(); i = next++) {
      const Unit& unit = units[units.size() - 1 - i];  // the last units include most and take longest
      std::string name = unit.front().path;
      std::replace(name.begin(), name.end(), '/', '.');
      errors[i] = compile_errors(work_folder, name, unit_text(root, unit));
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::clamp(std::thread::hardware_concurrency(), 1U, 4U); ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  return std::accumulate(errors.begin(), errors.end(), std::string());
}

TEST(Headers, CompileByThemselves) {
  EXPECT_EQ(header_errors(UNET_SOURCE_DIR, {"app", "configs", "data", "models", "tests"}, UNET_HEADER_FOLDER), "");
}

class HeaderCheck : public PlantedTree {
 protected:
  void add_header(const std::string& path, const std::string& text) const { add(path, "#pragma once\n" + text); }
  std::string errors() const { return header_errors(root(), {"a", "b"}, root() / "work"); }
};

TEST_F(HeaderCheck, AcceptsHeadersThatIncludeWhatTheyNeed) {
  add_header("a/point.h", "#include <string>\nnamespace unet {\nstruct Point { std::string name; };\n}\n");
  add_header("b/line.h",
             "#include \"a/point.h\"\nnamespace unet {\nstruct Line { Point a, b; std::string text; };\n}\n");
  EXPECT_EQ(errors(), "");
  EXPECT_EQ(errors(), "") << "unchanged units are not compiled again";
}

TEST_F(HeaderCheck, NamesHeadersThatLackAnInclude) {
  add_header("a/point.h", "#include <string>\nnamespace unet {\nstruct Point { std::string name; };\n}\n");
  add_header("a/shape.h", "#include <string>\nnamespace unet {\nstruct Shape { Point center; };\n}\n");
  add_header("b/curve.h", "namespace unet {\nstruct Curve { std::string name; };\n}\n");
  for (int i = 0; i < 2; ++i) {
    const std::string text = errors();
    EXPECT_NE(text.find("a/shape.h:4"), std::string::npos) << text;
    EXPECT_NE(text.find("b/curve.h:3"), std::string::npos) << text;
    EXPECT_EQ(text.find("a/point.h:"), std::string::npos) << text;
  }
}

TEST_F(HeaderCheck, HidesHeadersThatAreNotIncluded) {
  add_header("a/base.h", "namespace unet {\nstruct Base {};\n}\n");
  add_header("a/left.h", "#include \"a/base.h\"\nnamespace unet {\nstruct Left { Base base; };\n}\n");
  add_header("b/right.h", "#include \"a/base.h\"\nnamespace unet {\nstruct Right { Left left; };\n}\n");
  add_header("b/top.h", "#include \"a/left.h\"\n#include \"b/right.h\"\nnamespace unet {\nstruct Top : Left {};\n}\n");
  const std::string text = errors();
  EXPECT_NE(text.find("b/right.h:4"), std::string::npos) << text;
  for (const char* path : {"a/base.h:", "a/left.h:", "b/top.h:"}) EXPECT_EQ(text.find(path), std::string::npos) << text;
}

TEST_F(HeaderCheck, KeepsTheMacrosOfIncludedHeaders) {
  add_header("a/macro.h", "#define WIDTH 3\n");
  add_header("b/user.h", "#include \"a/macro.h\"\nnamespace unet {\ninline int width = WIDTH;\n}\n");
  add_header("b/width.h", "#include \"b/user.h\"\nnamespace unet {\ninline int twice = 2 * WIDTH;\n}\n");
  EXPECT_EQ(errors(), "");
}

TEST_F(HeaderCheck, HidesSystemHeadersOfOtherHeaders) {
  add_header("a/few.h", "#include <string>\nnamespace unet {\ninline std::vector<int> few;\n}\n");
  add_header("a/many.h", "#include <string>\n#include <vector>\nnamespace unet {\ninline std::vector<int> many;\n}\n");
  add_header("b/other.h", "#include <array>\nnamespace unet {\ninline std::vector<int> other;\n}\n");
  const std::string text = errors();
  EXPECT_NE(text.find("a/few.h:4"), std::string::npos) << text;
  EXPECT_NE(text.find("b/other.h:4"), std::string::npos) << text;
  EXPECT_EQ(text.find("a/many.h:"), std::string::npos) << text;
}

}  // namespace
}  // namespace unet
