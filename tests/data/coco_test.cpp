#include "data/dataset/layouts/coco.h"

#include "data/dataset/layouts/outlines.h"
#include "data/dataset/open_dataset.h"
#include "tests/support/annotated_folder.h"

namespace unet {
namespace {

class CocoAnnotations : public AnnotatedFolder {
 protected:
  static std::string image_item(int id, const std::string& name) {
    return concat(R"({"id":)", id, R"(,"file_name":")", name, R"(","width":20,"height":10})");
  }

  static std::string annotation(int image, int category, const std::string& segmentation, int crowd = 0) {
    return concat(R"({"id":1,"image_id":)", image, R"(,"category_id":)", category, R"(,"iscrowd":)", crowd,
                  R"(,"segmentation":)", segmentation, "}");
  }

  void write(const std::string& file, const std::vector<std::string>& images,
             const std::vector<std::string>& annotations, const std::string& categories = kCategories) {
    text(file, document(images, annotations, categories));
  }

  static std::string document(const std::vector<std::string>& images, const std::vector<std::string>& annotations,
                              const std::string& categories = kCategories) {
    return R"({"info":{"year":2020},"images":[)" + join(images, ",") + R"(],"annotations":[)" + join(annotations, ",") +
           R"(],"categories":[)" + categories + "]}";
  }

  static constexpr const char* kCategories = R"({"id":7,"name":"dog"},{"id":3,"name":"cat"})";
  static constexpr const char* kSquare = "[[1,1,5,1,5,4,1,4]]";                 // 12 pixels
  static constexpr const char* kOther = "[[3,1,7,1,7,4,3,4]]";                  // 12 pixels, 6 of them in the square
  static constexpr const char* kTwo = "[[1,1,5,1,5,4,1,4],[3,1,7,1,7,4,3,4]]";  // 18 pixels
};

TEST_F(CocoAnnotations, CategoriesInOrderOfTheirIdsAreClassesFromOne) {
  image("images/a.png");
  image("images/b.png");
  write("annotations.json", {image_item(1, "a.png"), image_item(2, "images/b.png")},
        {annotation(1, 7, kSquare), annotation(1, 3, kOther)});
  const SampleList found = list();
  EXPECT_EQ(names(found), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(class_names(found), (std::vector<std::string>{"background", "cat", "dog"}));
  EXPECT_EQ(found.meaning.labels, (LabelClasses{{0, 0}, {1, 1}, {2, 2}}));
  EXPECT_EQ(counts(found, "a"), (ValueCounts{{0, 182}, {1, 12}, {2, 6}}));
  EXPECT_EQ(counts(found, "b"), (ValueCounts{{0, 200}}));
  EXPECT_TRUE(contains(remarks(found), "background only: 1 of 2 images, which have no shape (images/b.png)"));
  EXPECT_TRUE(found.problems.empty());
}

TEST_F(CocoAnnotations, OverlappingOutlinesOfAnObjectAreOneArea) {
  image("a.png");
  write("a.json", {image_item(1, "a.png")}, {annotation(1, 3, kTwo)});
  EXPECT_EQ(counts(list(), "a"), (ValueCounts{{0, 182}, {1, 18}}));
}

TEST_F(CocoAnnotations, RunLengthMasksAreReadPlainAndCompressed) {
  image("a.png", 4, 5);
  const std::string size = R"({"id":1,"file_name":"a.png"})";
  for (const char* segmentation : {R"({"size":[4,5],"counts":[5,2,2,2,9]})", R"({"size":[4,5],"counts":"52207"})"}) {
    write("a.json", {size}, {annotation(1, 3, segmentation)});
    const SampleList found = list();
    const cv::Mat labels = read_sample(found.samples.at(0)).labels.values;
    EXPECT_EQ(cv::countNonZero(labels), 4) << segmentation;
    for (const cv::Point& set : {cv::Point(1, 1), cv::Point(1, 2), cv::Point(2, 1), cv::Point(2, 2)})
      EXPECT_EQ(labels.at<uint8_t>(set), 1) << segmentation;
  }
  EXPECT_EQ(decode_runs("T32`n1OeQN", ""), (std::vector<uint32_t>{100, 2, 2000, 1, 5}));
}

TEST_F(CocoAnnotations, CrowdsAreIgnoredWhereNoObjectIs) {
  image("a.png");
  write("a.json", {image_item(1, "a.png")}, {annotation(1, 3, kSquare), annotation(1, 3, kOther, 1)});
  const SampleList found = list();
  EXPECT_EQ(counts(found, "a"), (ValueCounts{{0, 182}, {1, 12}, {255, 6}}));
  EXPECT_EQ(found.meaning.ignore_values, std::vector<LabelKey>{255});
  EXPECT_TRUE(contains(remarks(found), "ignored: 1 crowd regions"));
}

TEST_F(CocoAnnotations, PartsAreNamedByFilesOrTheirFolders) {
  for (const char* part : {"train", "valid", "test"}) {
    image(std::string(part) + "/a.png");
    write(std::string(part) + "/_annotations.coco.json", {image_item(1, "a.png")}, {annotation(1, 3, kSquare)},
          R"({"id":0,"name":"pets","supercategory":"none"},{"id":3,"name":"cat","supercategory":"pets"})");
  }
  const SampleList found = list();
  EXPECT_EQ(found.parts, (std::vector<Part>{kTrain, kVal, kTest}));
  EXPECT_EQ(names(found), (std::vector<std::string>{"test/a", "train/a", "valid/a"}));
  EXPECT_EQ(found.samples[2].part, kVal);
  // The name of a Roboflow project is not a class.
  EXPECT_EQ(class_names(found), (std::vector<std::string>{"background", "cat"}));
  EXPECT_TRUE(contains(remarks(found), "categories that only head others (pets)"));
}

TEST_F(CocoAnnotations, InstancesStandAboveOtherFilesOfTheSameImages) {
  for (const char* part : {"train", "val"}) {
    image(concat(part, "2017/1.png"));
    write(concat("annotations/instances_", part, "2017.json"), {image_item(1, "1.png")}, {annotation(1, 3, kSquare)});
    write(concat("annotations/captions_", part, "2017.json"), {image_item(1, "1.png")}, {});
  }
  const SampleList found = list();
  EXPECT_EQ(names(found), (std::vector<std::string>{"train2017/1", "val2017/1"}));
  EXPECT_EQ(found.parts, (std::vector<Part>{kTrain, kVal}));
  EXPECT_TRUE(found.problems.empty()) << remarks(found);
}

TEST_F(CocoAnnotations, TwoFilesOfTheSameImagesNeedAChoice) {
  image("a.png");
  write("one.json", {image_item(1, "a.png")}, {annotation(1, 3, kSquare)});
  write("two.json", {image_item(1, "a.png")}, {annotation(1, 3, kOther)});
  EXPECT_TRUE(contains(config_error([&] { list(); }), "--set 'data.annotations=one.json'"));
  options_.annotations = "two.json";
  EXPECT_EQ(counts(list(), "a"), (ValueCounts{{0, 188}, {1, 12}}));
  options_.annotations = "three.json";
  EXPECT_TRUE(contains(error_text(ErrorKind::missing_input, [&] { list(); }), "[data.annotations] 'three.json'"));
}

TEST_F(CocoAnnotations, WhatDoesNotBelongTogetherIsReportedWithCounts) {
  image("a.png");
  image("c.png");
  image("d.png");
  write("a.json", {image_item(1, "a.png"), image_item(2, "b.png"), image_item(3, "d.png")},
        {annotation(1, 3, kSquare), annotation(8, 3, kSquare), annotation(9, 3, kSquare), annotation(3, 3, "[]")});
  const std::string text = remarks(list());
  for (const char* part : {"a.json (b.png): no such image", "2 shapes belong to 2 image ids that 'images' lacks (8, 9)",
                           "a.json (d.png): 1 objects have a box only",
                           "left out: 1 images without annotations (c.png)", "data.missing_mask: skip"})
    EXPECT_TRUE(contains(text, part));
  options_.missing_mask = options_.bad_file = BadFilePolicy::skip;
  EXPECT_TRUE(list().problems.empty());
  EXPECT_EQ(list().notes.size(), 3u);
}

TEST_F(CocoAnnotations, AnImageOfAnotherSizeThanAnnotatedIsRefused) {
  image("a.png", 20, 10);
  write("a.json", {image_item(1, "a.png")}, {annotation(1, 3, kSquare)});
  const Dataset dataset = open_dataset(options_, {1});
  ASSERT_FALSE(dataset.problems.empty());
  EXPECT_TRUE(contains(dataset.problems[0].text, "annotations of an image of 20x10 pixels, but the image has 10x20"));
}

TEST_F(CocoAnnotations, DamageIsAnErrorWithFileAndPlace) {
  image("a.png");
  const auto error = [&](const std::string& document) {
    text("a.json", document);
    return error_text(ErrorKind::data, [&] { read_sample(list().samples.at(0)); });
  };
  const std::string good = document({image_item(1, "a.png")}, {annotation(1, 3, kSquare)});
  EXPECT_TRUE(contains(error(good.substr(0, good.size() - 9)), "a.json: not valid JSON: parse error at line 1"));
  const auto with = [&](const std::string& segmentation, int category = 3) {
    return error(document({image_item(1, "a.png")}, {annotation(1, category, segmentation)}));
  };
  EXPECT_TRUE(contains(with("[[1,2,3]]"), "annotations[0].segmentation[0]: got 3 coordinates"));
  EXPECT_TRUE(contains(with("[[1,2,\"x\",4,5,6]]"), "annotations[0].segmentation[0][2]: got \"x\", expected a number"));
  EXPECT_TRUE(contains(with("[[1,2,1e30,4,5,6]]"), "expected pixels of an image"));
  EXPECT_TRUE(contains(with("\"rle\""), "annotations[0].segmentation: got \"rle\", expected a list"));
  EXPECT_TRUE(contains(with(R"({"size":[10,20],"counts":[1,2]})"), "run-length mask of 3 pixels"));
  EXPECT_TRUE(contains(with(R"({"size":[10,20],"counts":[999,2]})"), "run-length mask with more than 200 pixels"));
  EXPECT_TRUE(contains(with(R"({"size":[4,5],"counts":[5,2,13]})"), "expected equal sizes"));
  EXPECT_TRUE(contains(with(R"({"size":[10,20],"counts":"5x\u007f"})"), "segmentation.counts: damaged"));
  EXPECT_TRUE(contains(with(kSquare, 4), "has category_id 4, expected one of the 2 ids"));
}

TEST_F(CocoAnnotations, NoMutationEndsTheProgram) {
  image("a.png");
  fuzz("a.json",
       document({image_item(1, "a.png")},
                {annotation(1, 3, kSquare), annotation(1, 7, R"({"size":[10,20],"counts":[5,2,193]})"),
                 annotation(1, 3, R"({"size":[10,20],"counts":"52Q6"})")}),
       300);
}

TEST_F(CocoAnnotations, TheExampleOfLabelmeIsRead) {
  options_.dir = format_samples() + "/coco_json";
  if (!std::filesystem::exists(options_.dir)) GTEST_SKIP() << options_.dir << " is not there";
  const SampleList found = list();
  EXPECT_EQ(names(found), (std::vector<std::string>{"2011_000003", "2011_000006", "2011_000025"}));
  ASSERT_EQ(class_names(found).size(), 21u);
  EXPECT_EQ(class_names(found)[15], "person");
  EXPECT_EQ(total_counts(found),
            (ValueCounts{{0, 293443}, {5, 815}, {6, 117884}, {7, 7130}, {9, 44204}, {15, 66810}, {18, 13714}}));
}

TEST_F(CocoAnnotations, TheFilesOfTheMarblesNeedAChoice) {
  options_.dir = format_samples() + "/marble_coco_via_json";
  if (!std::filesystem::exists(options_.dir)) GTEST_SKIP() << options_.dir << " is not there";
  EXPECT_TRUE(contains(config_error([&] { list(); }), "data.annotations"));
  options_.annotations = "train/labels/marbles_two_class_coco_json_format.json";
  const SampleList found = list();
  EXPECT_EQ(found.samples.size(), 3u);
  EXPECT_EQ(class_names(found).size(), 3u);
  EXPECT_TRUE(contains(remarks(found), "left out: 4 images without annotations"));
}

}  // namespace
}  // namespace unet
