#include "data/dataset/layouts/manifest.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/contains.h"
#include "tests/support/dataset_folder.h"
#include "tests/support/error_text.h"

namespace unet {
namespace {

using Lines = std::vector<std::string>;

class ManifestTable : public testing::Test {
 protected:
  std::string refusal(const std::string& table) const {
    set_.add("manifest.csv", table);
    return error_text(ErrorKind::data, [&] { list_samples(set_.options); });
  }

  DatasetFolder set_;
};

TEST_F(ManifestTable, NamesImagesMasksPartsAndGroups) {
  set_.add("manifest.csv",
           "image,mask,split,group\nscans/b.png,truth/1.tif,val,p2\nscans/a.png,truth/2.tif,train,p1\n"
           "/far/c.png,truth/3.tif,test,p1\n");
  const Split split = find_samples(set_.options);
  EXPECT_EQ(set_.texts(split.train), Lines{"scans/a: scans/a.png truth/2.tif"});
  EXPECT_EQ(set_.texts(split.val), Lines{"scans/b: scans/b.png truth/1.tif"});
  EXPECT_EQ(set_.texts(split.test), Lines{"/far/c: /far/c.png truth/3.tif"});
  EXPECT_EQ(split.val[0].group, "p2");
  EXPECT_EQ(split.rule, "by the split column of manifest.csv");
  set_.options.split = SplitMode::fraction;
  EXPECT_FALSE(find_samples(set_.options).divided);
}

TEST_F(ManifestTable, IsReadAsSpreadsheetsWriteIt) {
  const struct {
    const char *name, *table;
  } tables[] = {
      {"any.csv", "\xEF\xBB\xBFimage,mask\r\n\"a, \"\"b\"\".png\",m.png\r\n\r\n"},
      {"any.csv", "Mask;Image;Note\nm.png;\"a, \"\"b\"\".png\";\"two\nlines\""},
      {"any.tsv", "mask\timage\nm.png\t\"a, \"\"b\"\".png\"\n"},
  };
  for (const auto& [name, table] : tables) {
    const DatasetFolder set;
    set.add(name, table);
    EXPECT_EQ(set.listed(), Lines{"a, \"b\": a, \"b\".png m.png"}) << table;
  }
}

TEST_F(ManifestTable, LinesOfOneImageMergeTheirMasks) {
  set_.add("manifest.csv", "image,mask\nb.png,b2.png\na.png,a1.png\nb.png,b1.png\n");
  EXPECT_EQ(set_.listed(), (Lines{"a: a.png a1.png", "b: b.png b2.png and 1 more"}));
  const SampleList list = list_samples(set_.options);
  EXPECT_EQ(std::get<MergedMasks>(list.samples[1].labels).layers[1].path, set_ / "b1.png");
  EXPECT_TRUE(contains(list.decisions.at(1), "1 images have several masks"));
}

TEST_F(ManifestTable, NamesKeepTheExtensionWhereItTellsImagesApart) {
  set_.add("manifest.csv", "image,mask\na.png,1.png\na.jpg,2.png\nb.png,3.png\n");
  EXPECT_EQ(set_.listed(), (Lines{"a.jpg: a.jpg 2.png", "a.png: a.png 1.png", "b: b.png 3.png"}));
}

TEST_F(ManifestTable, FaultsNameTheirLine) {
  EXPECT_TRUE(contains(refusal("image,mask,split\na.png,b.png,train\nc.png,d.png,maybe\n"),
                       "manifest.csv line 3: got split 'maybe'"));
  EXPECT_TRUE(contains(refusal("image,mask,split\na.png,b.png,train\nc.png,d.png,\n"), "line 3: got no split"));
  EXPECT_TRUE(contains(refusal("image,mask,split\na.png,b.png,val\n"), "no line has the split train"));
  EXPECT_TRUE(contains(refusal("image,mask,weight\na.png,b.png,1.0\nc.png,d.png,-2\n"), "line 3: got weight -2"));
  for (const char* weight : {"inf", "nan", "2x", "much"})
    EXPECT_TRUE(contains(refusal(concat("image,mask,weight\na.png,b.png,", weight, "\n")), "line 2: got weight "));
  EXPECT_TRUE(contains(refusal("image,mask\na.png\n"), "line 2: got 1 fields, expected 2"));
  EXPECT_TRUE(contains(refusal("image,mask\n\"a.png,b.png\n"), "line 2: a quote does not end"));
  EXPECT_TRUE(contains(refusal("picture,mask\na.png,b.png\n"), "line 1: got no columns image and mask"));
  EXPECT_TRUE(contains(refusal("image,mask,group\na.png,b.png,1\na.png,c.png,2\n"), "different splits, groups"));
  EXPECT_TRUE(contains(refusal("image,mask,weight\na.png,b.png,1\na.png,c.png,2\n"), "different splits, groups"));
  set_.add("manifest.csv", "image,mask\na.png,\n");
  EXPECT_TRUE(contains(list_samples(set_.options).problems.at(0).text, "line 2: got no mask"));
}

TEST_F(ManifestTable, WeightsAreThoseOfTheLines) {
  set_.add("manifest.csv", "image,mask,weight\na.png,1.png,2.5\nb.png,2.png,\nc.png,3.png,0\n");
  const std::vector<SampleRef> samples = list_samples(set_.options).samples;
  ASSERT_EQ(samples.size(), 3u);
  EXPECT_EQ(samples[0].weight, 2.5);
  EXPECT_EQ(samples[1].weight, std::nullopt);
  EXPECT_EQ(samples[2].weight, 0);
}

TEST_F(ManifestTable, OtherTablesInAFolderAreNone) {
  set_.add_all({"images/a.png", "masks/a.png"});
  set_.add("scores.csv", "epoch,loss\n1,2\n");
  EXPECT_EQ(set_.listed(), Lines{"a: images/a.png masks/a.png"});
  set_.add("one.csv", "image,mask\na.png,b.png\n");
  set_.add("two.csv", "image,mask\na.png,b.png\n");
  EXPECT_TRUE(contains(error_text(ErrorKind::data, [&] { list_samples(set_.options); }), "several tables"));
}

TEST_F(ManifestTable, AHundredThousandLinesAreListed) {
  {
    std::ofstream table(set_ / "manifest.csv");
    table << "image,mask\n";
    for (int i = 0; i < 100000; ++i) table << "images/img_" << i << ".png,masks/img_" << i << ".png\n";
  }
  EXPECT_EQ(list_samples(set_.options).samples.size(), 100000u);
}

}  // namespace
}  // namespace unet
