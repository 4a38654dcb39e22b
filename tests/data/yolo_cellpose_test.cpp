#include "data/files/numpy_pickle.h"
#include "tests/support/annotated_folder.h"

namespace unet {
namespace {

class YoloLabels : public AnnotatedFolder {
 protected:
  static constexpr const char* kSquare = "0.05 0.1 0.25 0.1 0.25 0.4 0.05 0.4\n";  // 12 pixels of 20x10
};

TEST_F(YoloLabels, FractionsOfEachImageAreScaled) {
  image("images/train/a.png");
  image("images/train/b.png", 20, 40);
  image("images/val/c.png");
  text("labels/train/a.txt", std::string("1 ") + kSquare);
  text("labels/train/b.txt", std::string("0 ") + kSquare);
  text("data.yaml",
       "path: ../datasets/pets\ntrain: images/train\nval: images/val\nnc: 2\nnames:\n  0: cat\n  1: dog\n");
  const SampleList found = list();
  EXPECT_EQ(class_names(found), (std::vector<std::string>{"background", "cat", "dog"}));
  EXPECT_EQ(found.parts, (std::vector<Part>{kTrain, kVal}));
  EXPECT_EQ(counts(found, "train/a"), (ValueCounts{{0, 188}, {2, 12}}));
  EXPECT_EQ(counts(found, "train/b"), (ValueCounts{{0, 752}, {1, 48}}));
  EXPECT_EQ(counts(found, "val/c"), (ValueCounts{{0, 200}}));
  EXPECT_TRUE(contains(remarks(found), "background only: 1 of 3 images"));
}

TEST_F(YoloLabels, TheFoldersOfRoboflowAreFound) {
  for (const char* part : {"train", "valid", "test"}) {
    image(concat(part, "/images/a.png"));
    text(concat(part, "/labels/a.txt"), std::string("0 ") + kSquare);
  }
  text("data.yaml", "train: ../train/images\nval: ../valid/images\ntest: ../test/images\n\nnc: 1\nnames: ['cell']\n");
  const SampleList found = list();
  EXPECT_EQ(found.parts, (std::vector<Part>{kTrain, kVal, kTest}));
  EXPECT_EQ(class_names(found), (std::vector<std::string>{"background", "cell"}));
  EXPECT_EQ(total_counts(found), (ValueCounts{{0, 564}, {1, 36}}));
}

TEST_F(YoloLabels, WithoutAConfigClassesAreNumbered) {
  image("images/a.png");
  text("labels/a.txt", std::string("1 ") + kSquare);
  EXPECT_EQ(class_names(list()), (std::vector<std::string>{"background", "class 0", "class 1"}));
  text("classes.txt", "cat\ndog\n");
  EXPECT_EQ(class_names(list()), (std::vector<std::string>{"background", "cat", "dog"}));
}

TEST_F(YoloLabels, BoxesAndDamageAreRefusedWithTheirPlace) {
  image("images/a.png");
  image("images/b.png");
  text("data.yaml", "names: [cell]\n");
  text("labels/b.txt", std::string("0 ") + kSquare);
  const auto remark = [&](const std::string& lines) {
    text("labels/a.txt", lines);
    return remarks(list());
  };
  EXPECT_TRUE(contains(remark("0 0.5 0.5 0.1 0.1\n0 0.2 0.2 0.1 0.1\n"), "a.txt: 2 of 2 objects are boxes"));
  EXPECT_TRUE(contains(remark("0 0.5 0.5 0.1 0.1 0.7\n"), "a.txt:1: got 5 coordinates"));
  EXPECT_TRUE(contains(remark("0 0.5 0.5 0.1 0.1 0.7 x\n"), "a.txt:1: got 'x', expected a number"));
  EXPECT_TRUE(contains(remark("\n4 0.1 0.1 0.2 0.1 0.2 0.2\n"), "a.txt:2: got class 4, expected one of the 1 names"));
  EXPECT_TRUE(contains(remark("0 10 10 20 10 20 20\n"), "a.txt:1: got coordinates beyond 1"));
  text("labels/c.txt", std::string("0 ") + kSquare);
  EXPECT_TRUE(contains(remark("\n"), "c.txt: no image"));
}

class CellposeMasks : public AnnotatedFolder {
 protected:
  static std::string pickled_text(const std::string& value) {
    return "X" + little_endian(static_cast<uint32_t>(value.size()), 4) + value;
  }

  /// dtype(type) with its byte order.
  static std::string type(const std::string& name, const std::string& order) {
    return "cnumpy\ndtype\n" + pickled_text(name) + "\x89\x88\x87R(K\x03" + pickled_text(order) +
           "NNNJ\xFF\xFF\xFF\xFFJ\xFF\xFF\xFF\xFFK" + std::string(1, '\0') + "tb";
  }

  /// The call that makes an empty array.
  static std::string array() {
    return "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK" + std::string(1, '\0') +
           "\x85"
           "C\x01"
           "b\x87R";
  }

  /// What numpy.save writes of {"diameter": None, "masks": array of height x width}.
  static std::string seg_file(int height, int width, const std::string& name, const std::string& order,
                              const std::string& values) {
    const std::string header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }\n";
    const auto byte = [](int value) { return std::string(1, static_cast<char>(value)); };
    const std::string masks = array() + "(K\x01K" + byte(height) + "K" + byte(width) + "\x86" + type(name, order) +
                              "\x89"
                              "B" +
                              little_endian(static_cast<uint32_t>(values.size()), 4) + values + "tb";
    return "\x93NUMPY\x01" + std::string(1, '\0') + little_endian(static_cast<uint32_t>(header.size()), 2) + header +
           "\x80\x03" + array() + "(K\x01)" + type("O8", "|") + "\x89]}(" + pickled_text("diameter") + "N" +
           pickled_text("masks") + masks + "uatb.";
  }

  static cv::Mat objects() {
    cv::Mat values(10, 20, CV_16UC1, cv::Scalar(0));
    values(cv::Rect(1, 1, 4, 3)) = cv::Scalar(7);
    values(cv::Rect(10, 1, 4, 3)) = cv::Scalar(300);
    return values;
  }
};

TEST_F(CellposeMasks, ObjectsAreOneClass) {
  image("a.tif");
  image("b.tif");
  files_.add_mask("a_cp_masks.png", objects());
  files_.add_file("b_seg.npy", seg_file(1, 3, "u2", "<", std::string("\0\0\1\0\0\2", 6)));
  files_.add_image("a_flows.tif", files_.noise(10, 20));
  const SampleList found = list();
  EXPECT_EQ(names(found), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(found.meaning.labels, (LabelClasses{{0, 0}, {LabelKey(1, 2147483647), 1}}));
  EXPECT_EQ(counts(found, "a"), (ValueCounts{{0, 176}, {7, 12}, {300, 12}}));
  EXPECT_EQ(count_values(read_labels(found.samples[1], {3, 1}).values), (ValueCounts{{0, 1}, {1, 1}, {512, 1}}));
}

TEST_F(CellposeMasks, CommonEndingsCountOnlyIfTheFormatIsNamed) {
  image("a_img.tif");
  files_.add_mask("a_masks.tif", objects());
  options_.format = "cellpose";
  EXPECT_EQ(names(list()), std::vector<std::string>{"a_img"});
  image("c.tif");
  EXPECT_TRUE(contains(remarks(list()), "c.tif: no mask; looked for c_cp_masks.png"));
}

TEST_F(CellposeMasks, ArraysOfOtherTypesAndByteOrdersAreRead) {
  const auto values = [&](const std::string& type, const std::string& order, const std::string& bytes) {
    image("a.tif");
    files_.add_file("a_seg.npy", seg_file(1, 2, type, order, bytes));
    return count_values(read_labels(list().samples.at(0), {2, 1}).values);
  };
  EXPECT_EQ(values("u1", "|", "\3\4"), (ValueCounts{{3, 1}, {4, 1}}));
  EXPECT_EQ(values("u2", ">", std::string("\0\3\1\0", 4)), (ValueCounts{{3, 1}, {256, 1}}));
  EXPECT_EQ(values("i4", "<", std::string("\3\0\0\0\0\0\1\0", 8)), (ValueCounts{{3, 1}, {65536, 1}}));
}

TEST_F(CellposeMasks, DamagedArraysAreErrors) {
  const std::string good = seg_file(1, 2, "i2", "<", std::string("\1\0\2\0", 4));
  const auto error = [&](const std::string& bytes) {
    files_.add_file("a_seg.npy", bytes);
    return error_text(ErrorKind::data, [&] { read_pickled_array(files_ / "a_seg.npy", "masks"); });
  };
  EXPECT_EQ(error(good), "no error");
  for (size_t length = 0; length < good.size(); ++length)
    EXPECT_TRUE(contains(error(good.substr(0, length)), "a_seg.npy: ")) << length;
  EXPECT_TRUE(contains(error(seg_file(1, 2, "f4", "<", std::string(8, 'x'))), "type 'f4', expected integers"));
  EXPECT_TRUE(contains(error(seg_file(1, 3, "u2", "<", "1234")), "an array of 4 bytes, expected 6"));
  EXPECT_TRUE(contains(error(seg_file(1, 2, "u2", "<", "1234").replace(8, 2, "\xFF\xFF")), "truncated"));
  cv::RNG random(3);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = good;
    damaged[static_cast<size_t>(random.uniform(60, static_cast<int>(good.size())))] =
        static_cast<char>(random.uniform(0, 256));
    const std::string text = error(damaged);
    EXPECT_FALSE(contains(text, "an error of another kind"));
  }
}

TEST_F(CellposeMasks, NothingThatAPickleNamesIsCalled) {
  const std::string header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }\n";
  const std::string pickle =
      "\x80\x03"
      "cposix\nsystem\n" +
      pickled_text("touch called") + "\x85R.";
  files_.add_file("a_seg.npy", "\x93NUMPY\x01" + std::string(1, '\0') +
                                   little_endian(static_cast<uint32_t>(header.size()), 2) + header + pickle);
  EXPECT_TRUE(contains(error_text(ErrorKind::data, [&] { read_pickled_array(files_ / "a_seg.npy", "masks"); }),
                       "got no array"));
}

}  // namespace
}  // namespace unet
