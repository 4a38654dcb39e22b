// JSON files nested so deeply that a recursive function would overflow the stack.

#include "tests/support/annotated_folder.h"
#include "tests/support/repeated.h"

namespace unet {
namespace {

using DeepJson = AnnotatedFolder;

std::string deep_list() { return repeated("[", 200'000) + repeated("]", 200'000); }

TEST_F(DeepJson, ARegionOfNnunetIsRefusedWithoutItsText) {
  image("imagesTr/a_0000.png");
  files_.add_mask("labelsTr/a.png", DataFiles::halves(0, 1, 10, 20));
  for (const std::string& value : {deep_list(), "{\"b\":" + deep_list() + "}"}) {
    text("dataset.json", "{\"labels\":{\"background\":0,\"all\":" + value + "}}");
    const std::string refusal = error_text(ErrorKind::data, [&] { list(); });
    EXPECT_TRUE(contains(refusal, "dataset.json: ")) << refusal.substr(0, 300);
    EXPECT_TRUE(contains(refusal, "'all'")) << refusal.substr(0, 300);
    EXPECT_LT(refusal.size(), 1000u);
  }
}

TEST_F(DeepJson, AnnotationFilesAreRefusedOrReported) {
  image("a.png");
  const std::pair<const char*, std::string> files[] = {
      {"coco", R"({"images":[{"id":1,"file_name":)" + deep_list() + R"(}],"annotations":[],"categories":[]})"},
      {"labelme", R"({"imagePath":"a.png","shapes":[{"label":"a","points":)" + deep_list() + "}]}"},
      {"via", R"({"a":{"filename":"a.png","regions":[{"shape_attributes":{"name":)" + deep_list() + "}}]}}"},
      {"qupath", R"({"features":[{"geometry":{"type":"Polygon","coordinates":)" + deep_list() + "}}]}"}};
  for (const auto& [format, content] : files) {
    text("a.json", content);
    options_.format = format;
    options_.annotations = "a.json";
    std::string found;
    try {
      found = remarks(list());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data) << format;
      found = error.what();
    }
    EXPECT_TRUE(contains(found, "a.json")) << format << ": " << found.substr(0, 300);
    EXPECT_LT(found.size(), 2000u) << format;
  }
}

}  // namespace
}  // namespace unet
