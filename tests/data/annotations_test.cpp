#include <cmath>

#include "data/dataset/layouts/annotation_files.h"
#include "data/dataset/open_dataset.h"
#include "tests/support/annotated_folder.h"

namespace unet {
namespace {

std::string labelme(const std::string& shapes, const std::string& image = "a.png") {
  return R"({"version":"5.0.1","flags":{},"shapes":[)" + shapes + R"(],"imagePath":")" + image +
         R"(","imageData":"iVBORw0KGgo=","imageHeight":10,"imageWidth":20})";
}

std::string labelme_shape(const std::string& label, const std::string& points, const std::string& type = "polygon") {
  return R"({"label":")" + label + R"(","points":)" + points + R"(,"shape_type":")" + type + R"(","flags":{}})";
}

class LabelmeAnnotations : public AnnotatedFolder {};

constexpr const char* kLabelmeSquare = "[[1,1],[5,1],[5,4],[1,4]]";  // 12 pixels
constexpr const char* kLabelmeOther = "[[3,1],[7,1],[7,4],[3,4]]";   // 12 pixels, 6 of them in the square

TEST_F(LabelmeAnnotations, LabelsOfAllFilesAreClassesInOrder) {
  image("a.png");
  image("b.png");
  text("a.json", labelme(labelme_shape("dog", kLabelmeSquare) + "," + labelme_shape("__ignore__", kLabelmeOther)));
  text("b.json",
       labelme(labelme_shape("cat", "[[1,1],[5,4]]", "rectangle") + "," + labelme_shape("_background_", kLabelmeOther) +
                   "," + labelme_shape("cat", "[[9,9],[12,9]]", "line"),
               "..\\\\elsewhere\\\\b.png"));
  const SampleList found = list();
  EXPECT_EQ(class_names(found), (std::vector<std::string>{"background", "cat", "dog"}));
  EXPECT_EQ(counts(found, "a"), (ValueCounts{{0, 182}, {2, 6}, {255, 12}}));
  EXPECT_EQ(counts(found, "b"), (ValueCounts{{0, 194}, {1, 6}}));
  EXPECT_TRUE(contains(remarks(found), "left out: 1 shapes that enclose no area (line)"));
  EXPECT_TRUE(found.problems.empty()) << remarks(found);
}

TEST_F(LabelmeAnnotations, ACircleContainsThePixelsWithinItsRadius) {
  image("a.png");
  text("a.json", labelme(labelme_shape("dot", "[[10,5],[13.2,5]]", "circle")));
  int64_t expected = 0;
  for (int y = 0; y < 10; ++y)
    for (int x = 0; x < 20; ++x) expected += std::hypot(x + 0.5 - 10, y + 0.5 - 5) < 3.2 ? 1 : 0;
  EXPECT_EQ(counts(list(), "a")[1], expected);
}

TEST_F(LabelmeAnnotations, LabelsTxtGivesTheOrder) {
  image("a.png");
  text("labels.txt", "__ignore__\r\n_background_\r\nzebra\r\ndog\r\n");
  text("a.json", labelme(labelme_shape("dog", kLabelmeSquare)));
  EXPECT_EQ(class_names(list()), (std::vector<std::string>{"background", "zebra", "dog"}));
  EXPECT_EQ(counts(list(), "a"), (ValueCounts{{0, 188}, {2, 12}}));
  text("a.json", labelme(labelme_shape("dogs", kLabelmeSquare)));
  EXPECT_TRUE(contains(remarks(list()), "got the label 'dogs', expected one of labels.txt"));
}

TEST_F(LabelmeAnnotations, AnImageWithoutAFileAndADamagedFileAreReported) {
  for (const char* name : {"a.png", "b.png", "c.png"}) image(name);
  text("a.json", labelme(labelme_shape("dog", kLabelmeSquare)));
  text("b.json", labelme(labelme_shape("dog", "[[1,1],[5]]")));
  SampleList found = list();
  EXPECT_EQ(names(found), std::vector<std::string>{"a"});
  ASSERT_EQ(found.problems.size(), 2u) << remarks(found);
  EXPECT_TRUE(contains(found.problems[0].text, "b.json: shapes[0].points[1]: got array, expected [x, y]"));
  EXPECT_TRUE(contains(found.problems[1].text, "c.png: no annotations; looked for NAME.json"));
  options_.bad_file = options_.missing_mask = BadFilePolicy::skip;
  EXPECT_TRUE(list().problems.empty());
}

TEST_F(LabelmeAnnotations, ClassesOfAConfigKeepTheirValues) {
  image("a.png");
  text("a.json", labelme(labelme_shape("dog", kLabelmeSquare)));
  EXPECT_EQ(counts(list(), "a"), (ValueCounts{{0, 188}, {1, 12}}));
  options_.labels = {{0, 0}, {1, 1}, {2, 2}};
  options_.class_names = {"background", "cat", "dog"};
  EXPECT_EQ(counts(list(), "a"), (ValueCounts{{0, 188}, {2, 12}}));
  text("a.json", labelme(labelme_shape("bird", kLabelmeSquare)));
  EXPECT_TRUE(contains(remarks(list()), "classes that are not among them: bird"));
}

TEST_F(LabelmeAnnotations, FoldersOfImagesAndMasksCountMore) {
  files_.add_pair("a", "");
  text("images/a.json", labelme(labelme_shape("dog", kLabelmeSquare)));
  EXPECT_TRUE(std::holds_alternative<MaskFile>(list().samples.at(0).labels));
  options_.format = "labelme";
  EXPECT_TRUE(std::holds_alternative<ShapeLabels>(list().samples.at(0).labels));
}

TEST_F(LabelmeAnnotations, TrainAndCheckDataSeeTheDecisions) {
  for (const char* name : {"a.png", "b.png", "c.png"}) {
    image(name, 64, 64);
    text(std::string(name, 1) + ".json", R"({"shapes":[)" + labelme_shape("dog", "[[0,0],[32,0],[32,64],[0,64]]") +
                                             R"(],"imagePath":")" + name + "\"}");
  }
  const Dataset dataset = open_dataset(options_, {1});
  EXPECT_EQ(texts_of(dataset.problems), std::vector<std::string>{});
  ASSERT_GE(dataset.decisions.size(), 2u);
  EXPECT_TRUE(contains(dataset.decisions[0], "annotations: labelme, 3 JSON files, 3 images, 3 shapes"));
  EXPECT_EQ(dataset.options.class_names, (std::vector<std::string>{"background", "dog"}));
  EXPECT_EQ(dataset.scan.value_counts[0], (ValueCounts{{0, 2048}, {1, 2048}}));
}

TEST_F(LabelmeAnnotations, NoMutationEndsTheProgram) {
  image("a.png");
  fuzz("a.json", labelme(labelme_shape("dog", kLabelmeSquare) + "," + labelme_shape("dog", "[[5,5],[7,5]]", "circle")),
       200);
}

TEST_F(LabelmeAnnotations, TheExampleOfLabelmeIsRead) {
  options_.dir = format_samples() + "/labelme_json";
  if (!std::filesystem::exists(options_.dir)) GTEST_SKIP() << options_.dir << " is not there";
  const SampleList found = list();
  EXPECT_EQ(class_names(found),
            (std::vector<std::string>{"background", "bottle", "bus", "car", "chair", "person", "sofa"}));
  EXPECT_EQ(
      total_counts(found),
      (ValueCounts{{0, 283421}, {1, 815}, {2, 117884}, {3, 7094}, {4, 44144}, {5, 66782}, {6, 13714}, {255, 10146}}));
}

class ViaAnnotations : public AnnotatedFolder {
 protected:
  static std::string region(const std::string& shape, const std::string& attributes) {
    return R"({"shape_attributes":)" + shape + R"(,"region_attributes":)" + attributes + "}";
  }

  static std::string item(const std::string& name, const std::string& regions) {
    return R"(")" + name + R"(123":{"filename":")" + name + R"(","size":123,"regions":)" + regions +
           R"(,"file_attributes":{}})";
  }

  static constexpr const char* kSquare =
      R"({"name":"polygon","all_points_x":[1,5,5,1],"all_points_y":[1,1,4,4]})";  // 12 pixels
  static constexpr const char* kRectangle = R"({"name":"rect","x":10,"y":1,"width":3,"height":2})";
  static constexpr const char* kEllipse = R"({"name":"ellipse","cx":10,"cy":5,"rx":4.2,"ry":2.2,"theta":0})";
};

TEST_F(ViaAnnotations, TheOnlyAttributeOfAllRegionsIsTheClass) {
  image("a.png");
  text("via.json", "{" +
                       item("a.png", "[" + region(kSquare, R"({"kind":"dog","note":""})") + "," +
                                         region(kRectangle, R"({"kind":{"cat":true,"dog":false}})") + "," +
                                         region(R"({"name":"point","cx":1,"cy":1})", R"({"kind":"dog"})") + "]") +
                       "}");
  const SampleList found = list();
  EXPECT_EQ(class_names(found), (std::vector<std::string>{"background", "cat", "dog"}));
  EXPECT_EQ(counts(found, "a"), (ValueCounts{{0, 182}, {1, 6}, {2, 12}}));
  EXPECT_TRUE(contains(remarks(found), "classes: the region attribute 'kind' (cat, dog)"));
  EXPECT_TRUE(contains(remarks(found), "regions that enclose no area (point)"));
}

TEST_F(ViaAnnotations, AProjectWithRegionsAsAnObjectAndWithoutAttributesHasOneClass) {
  image("a.png");
  text("project.json", R"({"_via_settings":{},"_via_img_metadata":{)" +
                           item("a.png", R"({"0":)" + region(kEllipse, "{}") + "}") + R"(},"_via_attributes":{}})");
  int64_t expected = 0;
  for (int y = 0; y < 10; ++y)
    for (int x = 0; x < 20; ++x) expected += std::hypot((x + 0.5 - 10) / 4.2, (y + 0.5 - 5) / 2.2) < 1 ? 1 : 0;
  EXPECT_EQ(counts(list(), "a")[1], expected);
  EXPECT_TRUE(contains(remarks(list()), "classes: one, 'object'"));
}

TEST_F(ViaAnnotations, SeveralAttributesNeedAChoice) {
  image("a.png");
  text("via.json", "{" + item("a.png", "[" + region(kSquare, R"({"kind":"dog","quality":"good"})") + "]") + "}");
  const std::string message = config_error([&] { list(); });
  EXPECT_TRUE(contains(message, "--set 'data.class_attribute=kind'"));
  EXPECT_TRUE(contains(message, "quality: 1 of 1 regions, good"));
  options_.class_attribute = "quality";
  EXPECT_EQ(class_names(list()), (std::vector<std::string>{"background", "good"}));
  options_.class_attribute = "colour";
  EXPECT_TRUE(contains(config_error([&] { list(); }), "got 'colour', expected one of kind, quality"));
}

TEST_F(ViaAnnotations, ARegionWithoutAClassMakesItsImageUnusable) {
  image("a.png");
  text("via.json",
       "{" + item("a.png", "[" + region(kSquare, R"({"kind":"dog"})") + "," + region(kRectangle, "{}") + "]") + "}");
  EXPECT_TRUE(contains(remarks(list()), "(a.png): a region without the attribute 'kind'"));
}

TEST_F(ViaAnnotations, NoMutationEndsTheProgram) {
  image("a.png");
  fuzz("via.json",
       "{" +
           item("a.png",
                "[" + region(kSquare, R"({"kind":"dog"})") + "," + region(kEllipse, R"({"kind":"cat"})") + "]") +
           "}",
       200);
}

TEST_F(ViaAnnotations, TheMarblesAreRead) {
  options_.dir = format_samples() + "/marble_coco_via_json";
  if (!std::filesystem::exists(options_.dir)) GTEST_SKIP() << options_.dir << " is not there";
  options_.annotations = "train/labels/marbles_two_class_VGG_json_format.json";
  const SampleList found = list();
  EXPECT_EQ(class_names(found), (std::vector<std::string>{"background", "Blue_Marble", "Non_Blue_Marble"}));
  EXPECT_EQ(total_counts(found), (ValueCounts{{0, 353431}, {1, 41058}, {2, 134511}}));
}

class CvatAnnotations : public AnnotatedFolder {
 protected:
  static std::string document(const std::string& shapes, const std::string& subset = "") {
    return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n<version>1.1</version>\n<meta><task><labels>"
           "<label><name>dog</name><color>#ff0000</color></label><label><name>cat</name><color>#00ff00</color></label>"
           "</labels></task></meta>\n<image id=\"0\" name=\"a.png\" width=\"20\" height=\"10\"" +
           (subset.empty() ? "" : " subset=\"" + subset + "\"") + ">\n" + shapes + "\n</image>\n</annotations>\n";
  }

  static constexpr const char* kSquare =
      R"(<polygon label="dog" points="1,1;5,1;5,4;1,4" z_order="1" occluded="0"></polygon>)";  // 12 pixels
};

TEST_F(CvatAnnotations, ShapesAreDrawnByTheirOrderInColorsOfTheLabels) {
  image("images/a.png");
  text("annotations.xml",
       document(std::string(kSquare) + R"(<box label="cat" xtl="3" ytl="1" xbr="7" ybr="4" z_order="0"/>)" +
                R"(<mask label="cat" rle="1, 2, 3" left="10" top="2" width="3" height="2" z_order="0"/>)"));
  const SampleList found = list();
  EXPECT_EQ(class_names(found), (std::vector<std::string>{"background", "dog", "cat"}));
  EXPECT_EQ(found.meaning.class_colors, (std::vector<std::string>{"#000000", "#ff0000", "#00ff00"}));
  EXPECT_EQ(counts(found, "a"), (ValueCounts{{0, 180}, {1, 12}, {2, 8}}));
  const cv::Mat labels = read_sample(found.samples[0]).labels.values;
  EXPECT_EQ(labels.at<uint8_t>(2, 10), 0);
  EXPECT_EQ(labels.at<uint8_t>(2, 11), 2);
  EXPECT_EQ(labels.at<uint8_t>(2, 12), 2);
}

TEST_F(CvatAnnotations, MasksMayEndWithinARow) {
  image("a.png");
  text("a.xml", document(R"(<mask label="dog" rle="2,8,2" left="1" top="1" width="4" height="3"/>)"));
  const cv::Mat labels = read_sample(list().samples.at(0)).labels.values;
  cv::Mat expected = cv::Mat::zeros(10, 20, CV_8UC1);
  expected(cv::Rect(1, 1, 4, 3)) = cv::Scalar(1);
  for (const cv::Point& clear : {cv::Point(1, 1), cv::Point(2, 1), cv::Point(3, 3), cv::Point(4, 3)})
    expected.at<uint8_t>(clear) = 0;
  EXPECT_EQ(cv::countNonZero(labels != expected), 0) << labels;
}

TEST_F(CvatAnnotations, ABoxTurnedByAQuarterHasItsSidesExchanged) {
  image("a.png");
  text("a.xml", document(R"(<box label="dog" xtl="4" ytl="4" xbr="10" ybr="6" rotation="90.0"/>)"));
  const cv::Mat labels = read_sample(list().samples.at(0)).labels.values;
  EXPECT_EQ(cv::countNonZero(labels(cv::Rect(6, 2, 2, 6))), 12);
  EXPECT_EQ(cv::countNonZero(labels), 12);
}

TEST_F(CvatAnnotations, LinesTracksAndDamageAreRefusedWithTheirLine) {
  image("a.png");
  text("a.xml", document(R"(<polyline label="dog" points="1,1;5,1;5,4"/>)"));
  EXPECT_TRUE(contains(remarks(list()), "a.xml:6 <polyline>: a line encloses no area"));
  text("a.xml", document(R"(<polygon label="dog" points="1,1;5,x;5,4"/>)"));
  EXPECT_TRUE(contains(remarks(list()), "a.xml:6 <polygon>: got 'x', expected a number"));
  text("a.xml", document(R"(<polygon points="1,1;5,2;5,4"/>)"));
  EXPECT_TRUE(contains(remarks(list()), "a.xml:6 <polygon>: no attribute 'label'"));
  text("a.xml", document("<polygon"));
  EXPECT_TRUE(contains(error_text(ErrorKind::data, [&] { list(); }), "a.xml:"));
  text("a.xml", "<annotations><track id=\"0\"/></annotations>");
  EXPECT_TRUE(contains(error_text(ErrorKind::data, [&] { list(); }), "tracks of CVAT for video"));
}

TEST_F(CvatAnnotations, NoMutationEndsTheProgram) {
  image("a.png");
  fuzz("a.xml",
       document(std::string(kSquare) + R"(<mask label="cat" rle="1, 2, 3" left="10" top="2" width="3" height="2"/>)"),
       200);
}

class QupathAnnotations : public AnnotatedFolder {
 protected:
  static std::string feature(const std::string& geometry, const std::string& classification) {
    return R"({"type":"Feature","id":"PathAnnotationObject","geometry":)" + geometry +
           R"(,"properties":{"objectType":"annotation")" +
           (classification.empty() ? "" : R"(,"classification":)" + classification) + "}}";
  }

  static std::string collection(const std::string& features) {
    return R"({"type":"FeatureCollection","features":[)" + features + "]}";
  }

  static constexpr const char* kRing =
      R"({"type":"Polygon","coordinates":[[[1,1],[9,1],[9,9],[1,9],[1,1]],[[3,3],[5,3],[5,5],[3,5],[3,3]]]})";
  static constexpr const char* kTwo =
      R"({"type":"MultiPolygon","coordinates":[[[[10,1],[12,1],[12,3],[10,3]]],[[[14,1],[16,1],[16,3],[14,3]]]]})";
};

TEST_F(QupathAnnotations, HolesAndSeveralPolygonsAreDrawn) {
  image("a.tif");
  image("b.png");
  text("a.geojson", collection(feature(kRing, R"({"name":"Tumor","color":[200,0,16]})") + "," +
                               feature(kTwo, R"({"name":"Ignore*","colorRGB":-3670016})") + "," +
                               feature(R"({"type":"Point","coordinates":[1,2]})", "")));
  text("b.png.geojson", "[" + feature(kTwo, R"({"name":"Stroma","colorRGB":-16711936})") + "]");
  const SampleList found = list();
  EXPECT_EQ(class_names(found), (std::vector<std::string>{"background", "Stroma", "Tumor"}));
  EXPECT_EQ(found.meaning.class_colors, (std::vector<std::string>{"#000000", "#00ff00", "#c80010"}));
  EXPECT_EQ(counts(found, "a"), (ValueCounts{{0, 132}, {2, 60}, {255, 8}}));
  EXPECT_EQ(counts(found, "b"), (ValueCounts{{0, 192}, {1, 8}}));
  EXPECT_TRUE(contains(remarks(found), "left out: 1 features that enclose no area (Point)"));
}

TEST_F(QupathAnnotations, FeaturesWithoutAClassificationAreOneClass) {
  image("a.png");
  text("a.geojson", collection(feature(kTwo, "")));
  EXPECT_EQ(class_names(list()), (std::vector<std::string>{"background", "object"}));
  EXPECT_TRUE(contains(remarks(list()), "1 features have no classification; their class is 'object'"));
}

TEST_F(QupathAnnotations, DamageIsReportedWithFileAndPlace) {
  image("a.png");
  text("a.geojson", collection(feature(R"({"type":"Polygon","coordinates":[[[1,1],[9]]]})", "")));
  EXPECT_TRUE(
      contains(remarks(list()), "a.geojson: features[0].geometry.coordinates[0][1]: got array, expected [x, y]"));
}

TEST_F(QupathAnnotations, NoMutationEndsTheProgram) {
  image("a.png");
  fuzz("a.geojson", collection(feature(kRing, R"({"name":"Tumor","color":[200,0,16]})") + "," + feature(kTwo, "")),
       200);
}

TEST(AnnotationNames, PartsHaveTheNamesThatTheirFoldersMayHave) {
  EXPECT_EQ(part_in_name("instances_val2017"), kVal);
  EXPECT_EQ(part_in_name("Training"), kTrain);
  EXPECT_EQ(part_in_name("eval-annotations"), kVal);
  EXPECT_EQ(part_in_name("tst"), kTest);
  EXPECT_EQ(part_in_name("train_and_val"), std::nullopt);
  EXPECT_EQ(part_in_name("evaluation"), std::nullopt);
  EXPECT_EQ(part_in_name("latest"), std::nullopt);
}

}  // namespace
}  // namespace unet
