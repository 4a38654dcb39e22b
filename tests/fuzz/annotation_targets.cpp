#include <filesystem>
#include <numeric>

#include "data/dataset/array_mask.h"
#include "data/dataset/label_files.h"
#include "data/dataset/layouts/layout.h"
#include "data/dataset/read_sample.h"
#include "data/dataset/split.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/image_bytes.h"

namespace unet {
namespace {

constexpr int kHeight = 10, kWidth = 20;

void add_file(const std::string& folder, const std::string& name, const std::string& bytes) {
  const std::filesystem::path path = std::filesystem::path(folder) / name;
  std::filesystem::create_directories(path.parent_path());
  write_bytes(path.string(), bytes);
}

void add_picture(const std::string& folder, const std::string& name) {
  add_file(folder, name, encode_image(".png", noise(CV_8UC3, kHeight, kWidth)));
}

/// Lists the samples of a layout and reads their labels. Throws the first problem that the layout reports.
void read_layout(const std::string& folder, const std::string& format, const std::string& annotations) {
  DataOptions options;
  options.dir = folder;
  options.format = format;
  options.annotations = annotations;
  const SampleList list = list_samples(options);
  for (const SampleRef& sample : list.samples) {
    const cv::Size size = read_labels(sample, {kWidth, kHeight}).values.size();
    if (size != cv::Size(kWidth, kHeight)) throw WrongResult("labels of another size than the image");
  }
  if (!list.problems.empty()) fail(ErrorKind::data, list.problems[0].text);
}

/// A layout of one annotation file beside images.
FuzzTarget annotation_target(const std::string& format, const std::string& file, std::vector<std::string> seeds,
                             std::vector<std::string> words, std::vector<std::string> images = {"a.png", "b.png"}) {
  FuzzTarget target;
  target.name = format;
  target.file = file;
  target.seeds = [seeds = std::move(seeds)] { return seeds; };
  target.read = [format, file](const std::string& folder) { read_layout(folder, format, file); };
  target.prepare = [images = std::move(images)](const std::string& folder) {
    for (const std::string& name : images) add_picture(folder, name);
  };
  target.words = std::move(words);
  return target;
}

const std::vector<std::string> kJsonWords{"[",     "]",       "{",    "}",     ",",   ":",        "\"",  "null", "true",
                                          "false", "[[",      "\\u0", "1e400", "-0",  "\"a\":[]", "{}",  "[]",   "\xFF",
                                          "[[[[[", "{\"a\":", "\\",   "\n",    "9.5", "-1",       "1e7", "\"\""};

FuzzTarget coco_target() {
  const std::string images =
      R"({"images":[{"id":1,"file_name":"a.png","width":20,"height":10},{"id":"b","file_name":"b.png"}],)";
  const std::string categories = R"("categories":[{"id":7,"name":"dog","color":[1,2,3]},{"id":3,"name":"cat"}],)";
  return annotation_target(
      "coco", "a.json",
      {images + categories +
           R"("annotations":[{"id":1,"image_id":1,"category_id":7,"iscrowd":0,"segmentation":[[1,1,5,1,5,4,1,4]]}]})",
       images + categories +
           R"("annotations":[{"image_id":1,"category_id":3,"iscrowd":1,)"
           R"("segmentation":{"size":[10,20],"counts":[5,10,185]}}]})",
       images + categories +
           R"("annotations":[{"image_id":1,"category_id":3,"segmentation":{"size":[10,20],"counts":"5:i5"}}]})"},
      kJsonWords);
}

FuzzTarget labelme_target() {
  const std::string end = R"(],"imagePath":"a.png","imageData":"iVBORw0KGgo=","imageHeight":10,"imageWidth":20})";
  return annotation_target(
      "labelme", "a.json",
      {R"({"version":"5.0.1","shapes":[{"label":"dog","points":[[1,1],[5,1],[5,4],[1,4]],"shape_type":"polygon"})" +
           end,
       R"({"shapes":[{"label":"dog","points":[[5,5],[7,5]],"shape_type":"circle"},)"
       R"({"label":"__ignore__","points":[[1,1],[5,4]],"shape_type":"rectangle"})" +
           end},
      kJsonWords, {"a.png"});
}

FuzzTarget via_target() {
  return annotation_target(
      "via", "a.json",
      {R"({"a.png123":{"filename":"a.png","size":123,"regions":[{"shape_attributes":{"name":"polygon",)"
       R"("all_points_x":[1,5,5,1],"all_points_y":[1,1,4,4]},"region_attributes":{"kind":"dog"}}]}})",
       R"({"_via_img_metadata":{"b":{"filename":"b.png","regions":{"0":{"shape_attributes":{"name":"ellipse","cx":9,)"
       R"("cy":5,"rx":3,"ry":2,"theta":0.5},"region_attributes":{"kind":{"dog":true,"cat":false}}},"1":)"
       R"({"shape_attributes":{"name":"rect","x":1,"y":1,"width":3,"height":2},"region_attributes":{"kind":"cat"}}}}}})"},
      kJsonWords);
}

FuzzTarget qupath_target() {
  return annotation_target(
      "qupath", "a.geojson",
      {R"({"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":)"
       R"([[[1,1],[9,1],[9,9],[1,9],[1,1]],[[3,3],[5,3],[5,5],[3,5],[3,3]]]},"properties":)"
       R"({"classification":{"name":"Tumor","color":[200,0,16]}}}]})",
       R"([{"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[[[[10,1],[12,1],[12,3]]]]},)"
       R"("properties":{"classification":{"names":["a","b"],"colorRGB":-3670016}}}])"},
      kJsonWords, {"a.png"});
}

FuzzTarget cvat_target() {
  const std::string head =
      "<?xml version=\"1.0\"?>\n<annotations><meta><task><labels><label><name>dog</name><color>#ff0000</color></label>"
      "</labels></task></meta>\n<image id=\"0\" name=\"a.png\" width=\"20\" height=\"10\">\n";
  const std::string tail = "</image></annotations>\n";
  return annotation_target(
      "cvat", "a.xml",
      {head + R"(<polygon label="dog" points="1,1;5,1;5,4;1,4" z_order="1"></polygon>)" + tail,
       head + R"(<mask label="cat" rle="1, 2, 3" left="10" top="2" width="3" height="2"/>)" + tail,
       head + R"(<box label="dog" xtl="4" ytl="4" xbr="10" ybr="6" rotation="90.0"/>)" +
           R"(<ellipse label="cat" cx="9" cy="5" rx="3" ry="2" z_order="-1"/>)" + tail},
      {"<", ">", "</", "/>", "\"", "&amp;", "&#0;", "<!--", "<![CDATA[", "<a>", ";", ",", "<!DOCTYPE", "=\"\"", "\n"});
}

FuzzTarget yolo_labels_target() {
  FuzzTarget target = annotation_target(
      "yolo", "labels/a.txt",
      {"1 0.05 0.1 0.25 0.1 0.25 0.4 0.05 0.4\n", "0 0.1 0.1 0.2 0.1 0.2 0.2\n\n2 0.5 0.5 0.6 0.5 0.6 0.9\r\n"},
      {" ", "\n", "0 ", "1e-3", "-", ".", "nan", "inf", "\t", "0x1", "9999 "});
  target.read = [](const std::string& folder) { read_layout(folder, "yolo", ""); };
  target.prepare = [](const std::string& folder) {
    for (const char* name : {"images/a.png", "images/b.png"}) add_picture(folder, name);
    add_file(folder, "labels/b.txt", "0 0.1 0.1 0.2 0.1 0.2 0.2\n");
  };
  return target;
}

FuzzTarget yolo_config_target() {
  FuzzTarget target = yolo_labels_target();
  target.name = "yolo_config";
  target.file = "data.yaml";
  target.seeds = [] {
    return std::vector<std::string>{"path: .\ntrain: images\nval: images\nnc: 2\nnames:\n  0: cat\n  1: dog\n",
                                    "train: ../images\nnames: [cat, 'dog']\n"};
  };
  target.words = {"names:\n", "- ",  "  ", "\n", ": ", "[",  "{", "&a ",
                  "*a",       "|\n", "? ", "!!", "'",  "\"", "#", "<<: *a\n"};
  const auto others = target.prepare;
  target.prepare = [others](const std::string& folder) {
    others(folder);
    add_file(folder, "labels/a.txt", "1 0.1 0.1 0.2 0.1 0.2 0.2\n");
  };
  return target;
}

FuzzTarget manifest_target() {
  FuzzTarget target =
      annotation_target("manifest", "manifest.csv",
                        {"image,mask,split,group,weight\na.png,m.png,train,1,1\nb.png,m.png,val,2,1.0\n",
                         "\xEF\xBB\xBFMask;Image\r\nm.png;\"a.png\"\r\nm2.png;a.png\r\n"},
                        {",", ";", "\t", "\"", "\n", "\r\n", "train", "../", "image", "mask", "/", "\\"});
  target.read = [](const std::string& folder) { read_layout(folder, "manifest", ""); };
  target.prepare = [](const std::string& folder) {
    for (const char* name : {"a.png", "b.png"}) add_picture(folder, name);
    for (const char* name : {"m.png", "m2.png"})
      add_file(folder, name, encode_image(".png", cv::Mat(kHeight, kWidth, CV_8UC1, cv::Scalar(1))));
  };
  return target;
}

FuzzTarget nnunet_target() {
  FuzzTarget target = annotation_target(
      "nnunet", "dataset.json",
      {R"({"channel_names":{"0":"R"},"labels":{"background":0,"cell":1,"ignore":2},"file_ending":".png"})",
       R"({"modality":{"0":"R"},"labels":{"0":"background","1":"cell"},"numTraining":1})"},
      kJsonWords);
  target.read = [](const std::string& folder) { read_layout(folder, "nnunet", ""); };
  target.prepare = [](const std::string& folder) {
    add_picture(folder, "imagesTr/a_0000.png");
    add_file(folder, "labelsTr/a.png", encode_image(".png", cv::Mat(kHeight, kWidth, CV_8UC1, cv::Scalar(1))));
  };
  return target;
}

FuzzTarget class_list_target() {
  FuzzTarget target;
  target.name = "class_list";
  target.file = "labelmap.txt";
  target.seeds = [] {
    return std::vector<std::string>{"# label:color_rgb:parts:actions\nbackground:0,0,0::\ndog:128,0,0::\n",
                                    "name,r,g,b\ncat,1,2,3\nvoid,0,0,0\n", "64 128 64\tAnimal\n192 0 128\tArchway\n"};
  };
  target.read = [](const std::string& folder) { read_class_list(folder + "/labelmap.txt"); };
  target.words = {":", ",", "\n", " ", "\t", "255", "256", "#", "\"", "::"};
  return target;
}

FuzzTarget val_list_target() {
  FuzzTarget target;
  target.name = "val_list";
  target.file = "val.txt";
  target.seeds = [] {
    return std::vector<std::string>{"# comment\na\n",
                                    "\xEF\xBB\xBF"
                                    "b.png\r\n",
                                    "images/a.png\n"};
  };
  target.read = [](const std::string& folder) {
    DataOptions options;
    options.dir = folder;
    options.val_list = "val.txt";
    const Split split = find_samples(options);
    if (!split.problems.empty()) fail(ErrorKind::data, split.problems[0].text);
  };
  target.prepare = [](const std::string& folder) {
    for (const char* name : {"images/a.png", "images/b.png", "masks/a.png", "masks/b.png"}) add_picture(folder, name);
  };
  target.words = {"\n", "\r", "a", "b", "#", "/", ".png", "\xCC\x88"};
  return target;
}

std::string pickled(const std::string& text) {
  return "X" + little_endian(static_cast<uint32_t>(text.size()), 4) + text;
}

/// What numpy.save writes of {"masks": array}, as Cellpose does.
std::string cellpose_file(const std::string& type, const std::string& shape, const std::string& values) {
  const std::string header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }\n", zero(1, '\0');
  const std::string array = "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK" + zero +
                            "\x85"
                            "C\x01"
                            "b\x87R";
  const auto type_of = [&](const std::string& name) {
    return "cnumpy\ndtype\n" + pickled(name) + "\x89\x88\x87R(K\x03" + pickled("<") +
           "NNNJ\xFF\xFF\xFF\xFFJ\xFF\xFF\xFF\xFFK" + zero + "tb";
  };
  return "\x93NUMPY\x01" + zero + little_endian(static_cast<uint32_t>(header.size()), 2) + header + "\x80\x03" + array +
         "(K\x01)" + type_of("O8") + "\x89]}(" + pickled("masks") + array + "(K\x01" + shape + type_of(type) +
         "\x89"
         "B" +
         little_endian(static_cast<uint32_t>(values.size()), 4) + values + "tbuatb.";
}

FuzzTarget cellpose_target() {
  FuzzTarget target;
  target.name = "cellpose";
  target.file = "a_seg.npy";
  target.seeds = [] {
    return std::vector<std::string>{cellpose_file("u2", "K\x01K\x02\x86", std::string("\1\0\2\0", 4)),
                                    cellpose_file("i4", "K\x01K\x01\x86", std::string("\3\0\0\0", 4))};
  };
  target.read = [](const std::string& folder) { read_array_mask(folder + "/a_seg.npy"); };
  target.words = {"(", "t", "K\x7F", "J\xFF\xFF\xFF\x7F", "h\1", "q\1", "b", "R", "\x85", "]", "}", "u",
                  "e", ".", "\x94"};
  return target;
}

}  // namespace

std::vector<FuzzTarget> annotation_targets() {
  return {coco_target(),   labelme_target(),     via_target(),         qupath_target(),
          cvat_target(),   yolo_labels_target(), yolo_config_target(), manifest_target(),
          nnunet_target(), class_list_target(),  val_list_target(),    cellpose_target()};
}

}  // namespace unet
