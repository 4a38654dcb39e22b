#include "app/pytorch_files/torch_file.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "app/checkpoint/checkpoint.h"
#include "app/pytorch_files/pickle.h"
#include "app/pytorch_files/stored_zip.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"
#include "tests/support/random_network.h"
#include "tests/support/torch_files.h"

namespace unet {
namespace {

const std::string kProtocol("\x80\x02");

std::string pickle_error(const std::string& pickle) {
  return error_text(ErrorKind::data, [&] { read_pickle(pickle, "file"); });
}

std::string file_error(const std::string& bytes) {
  return error_text(ErrorKind::data, [&] { tensors_from_torch_file(bytes, "file"); });
}

/// Whether the file is refused with an error of the right kind.
bool is_refused(const std::string& bytes) {
  const std::string text = file_error(bytes);
  return text != "no error" && !contains(text, "an error of another kind");
}

Network small_network() { return random_network(small_unet("batch", "relu")); }

std::string zip_file() {
  const Network network = small_network();
  return export_formats().make("state_dict")->to_bytes(*network, {});
}

void expect_equal(const TensorMap& actual, const TensorMap& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (const auto& [name, tensor] : expected) {
    ASSERT_EQ(actual.count(name), 1u) << name;
    EXPECT_EQ(actual.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(torch::equal(actual.at(name), tensor)) << name;
  }
}

TEST(Pickle, NumbersOfEverySizeAndSignAreRead) {
  const std::string numbers = kProtocol + std::string("(K\xffM\x01\x02J\xfe\xff\xff\xff\x8a\x01\x80\x8a\x00t.", 18);
  const Pickle pickle = read_pickle(numbers, "file");
  std::vector<int64_t> values;
  for (const size_t item : pickle.at(pickle.root).items) values.push_back(pickle.at(item).number);
  EXPECT_EQ(values, (std::vector<int64_t>{255, 513, -2, -128, 0}));
  EXPECT_EQ(pickle.end, numbers.size());
}

TEST(Pickle, CodeIsRefusedByName) {
  EXPECT_TRUE(contains(pickle_error(kProtocol + "cos\nsystem\nX\x02" + std::string(3, '\0') + "ls\x85R."),
                       "file: asks for 'os.system', which is refused: only tensors are read"));
  EXPECT_TRUE(contains(pickle_error(kProtocol + "c__builtin__\neval\n."), "asks for '__builtin__.eval'"));
  EXPECT_TRUE(contains(pickle_error("\x80\x04\x8c\x02os\x8c\x06system\x93."), "asks for 'os.system'"));
  EXPECT_TRUE(contains(pickle_error(kProtocol + "ctorch\nload\n."), "asks for 'torch.load'"));
  EXPECT_TRUE(contains(pickle_error(kProtocol + "ctorch\nFloatStorage\n)R."), "a call of 'torch.FloatStorage'"));
}

TEST(Pickle, DamagedPicklesAreRefused) {
  EXPECT_TRUE(contains(pickle_error(""), "truncated at byte 0"));
  EXPECT_TRUE(contains(pickle_error(kProtocol + "."), "a value is missing"));
  EXPECT_TRUE(contains(pickle_error(kProtocol + "t."), "a mark is missing"));
  EXPECT_TRUE(contains(pickle_error(kProtocol + "N(\x85."), "a value is missing"));
  EXPECT_TRUE(contains(pickle_error(kProtocol + "h\x05."), "the memo has no entry 5"));
  EXPECT_TRUE(contains(pickle_error(kProtocol + "NNNs."), "items without a container"));
  EXPECT_TRUE(contains(pickle_error(kProtocol + "X\xff\xff\xff\x7f."), "truncated"));
  EXPECT_TRUE(contains(pickle_error(kProtocol + "i"), "opcode 105"));
  EXPECT_TRUE(contains(pickle_error("\x80\x06N."), "protocol newer than 5"));
  EXPECT_TRUE(contains(pickle_error(kProtocol + std::string(1'000'001, 'N') + "."), "more than 1000000 values"));
}

TEST(Pickle, ADictThatContainsItselfIsRead) {
  const Pickle pickle = read_pickle(kProtocol + "}q\x01K\x01h\x01s.", "file");
  EXPECT_EQ(pickle.at(pickle.root).items.at(1), pickle.root);
  EXPECT_TRUE(contains(file_error(kProtocol + "}q\x01K\x01h\x01s."), "a pickle that torch.save did not write"));
}

TEST(TorchFile, BothFormatsGiveTheTensors) {
  const Network network = small_network();
  const TensorMap weights = weights_of(*network);
  expect_equal(tensors_from_torch_file(zip_file(), "file"), weights);
  expect_equal(tensors_from_torch_file(legacy_file(weights), "file"), weights);
}

TEST(TorchFile, ThePrefixOfDataParallelIsRemoved) {
  const auto one = torch::ones({2});
  expect_equal(tensors_from_torch_file(legacy_file({{"module.a", one}, {"module.b", one}}), "file"),
               {{"a", one}, {"b", one}});
  expect_equal(tensors_from_torch_file(legacy_file({{"module.a", one}, {"b", one}}), "file"),
               {{"module.a", one}, {"b", one}});
}

std::vector<std::vector<int64_t>> mask_values_of(const std::string& list) {
  const std::string key = "X" + little_endian_text(11, 4) + "mask_values";
  const TorchFile file = read_torch_file(legacy_file({{"a", torch::ones({2})}}, key + list), "file");
  EXPECT_EQ(file.tensors.size(), 1u);
  return file.mask_values;
}

TEST(TorchFile, MaskValuesAreNumbersOrColors) {
  using Rows = std::vector<std::vector<int64_t>>;
  const auto number = [](char value) { return std::string("K") + value; };
  EXPECT_EQ(mask_values_of("](" + number(1) + number('\xff') + "e"), (Rows{{1}, {255}}));
  EXPECT_EQ(
      mask_values_of("](](" + number(0) + number(1) + number(2) + "e](" + number(7) + number(8) + number(9) + "ee"),
      (Rows{{0, 1, 2}, {7, 8, 9}}));
  EXPECT_TRUE(mask_values_of("](X" + little_endian_text(1, 4) + "ae").empty()) << "strings are not mask values";
  EXPECT_TRUE(mask_values_of("N").empty());
}

/// A list of references to one list would take quadratic memory if it were copied.
TEST(TorchFile, HugeMaskValuesAreIgnored) {
  constexpr int kLength = 300'000;
  std::string list = "](](";
  for (int i = 0; i < kLength; ++i) list += "K\x01";
  list += "eq\x09";  // stored in memo 9
  for (int i = 0; i < kLength; ++i) list += "h\x09";
  EXPECT_TRUE(mask_values_of(list + "e").empty());
}

TEST(TorchFile, ForeignFilesAreRefused) {
  EXPECT_TRUE(contains(file_error(""), "neither a zip archive nor a pickle"));
  EXPECT_TRUE(contains(file_error("<html>not found</html>"), "neither a zip archive nor a pickle"));
  EXPECT_TRUE(contains(file_error("PK\5\6" + std::string(18, '\0')), "without data.pkl"));
  EXPECT_TRUE(contains(file_error(legacy_file({})), "has no named tensors"));
  const Network network = small_network();
  EXPECT_TRUE(contains(file_error(export_formats().make("torchscript")->to_bytes(*network, {})), "TorchScript"));
}

TEST(TorchFile, EveryTruncationIsRefused) {
  const std::string legacy = legacy_file({{"a", torch::ones({3})}, {"b", torch::ones({2, 2})}});
  for (size_t length = 0; length < legacy.size(); ++length)
    EXPECT_TRUE(is_refused(legacy.substr(0, length))) << length;
  const std::string zip = zip_file();
  for (size_t length = 0; length < zip.size(); length += 97)
    EXPECT_TRUE(is_refused(zip.substr(0, length))) << length;
}

TEST(TorchFile, FlippedBitsNeverCrash) {
  const std::string zip = zip_file(), legacy = legacy_file({{"a", torch::ones({3})}, {"b", torch::ones({2, 2})}});
  torch::manual_seed(2);
  for (const std::string& whole : {zip, legacy})
    for (int round = 0; round < 2'000; ++round) {
      std::string damaged = whole;
      const auto bit = static_cast<size_t>(torch::randint(static_cast<int64_t>(8 * whole.size()), {1}).item<int64_t>());
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      try {
        tensors_from_torch_file(damaged, "file");
      } catch (const Error& error) {
        ASSERT_EQ(error.kind(), ErrorKind::data) << error.what();
      }
    }
}

TEST(TorchFile, ATensorBeyondItsStorageIsRefused) {
  const auto with_view = [](const std::string& view) {
    return "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19." + std::string("\x80\x02M\xe9\x03.") +
           "\x80\x02}." + "\x80\x02}X\x01" + std::string(3, '\0') + "actorch._utils\n_rebuild_tensor_v2\n((X\x07" +
           std::string(3, '\0') + "storagectorch\nFloatStorage\nX\x01" + std::string(3, '\0') + "kX\x03" +
           std::string(3, '\0') + "cpuK\x04tQ" + view + "\x89)tRs." + pickled_list({"k"}) + little_endian_text(4, 8) +
           std::string(16, '\0');
  };
  const std::string zero(1, '\0');
  EXPECT_EQ(file_error(with_view("K" + zero + "K\x04\x85K\x01\x85")), "no error");
  for (const std::string& view : {std::string("K\x01K\x04\x85K\x01\x85"),                  // offset too large
                                  std::string("J\xff\xff\xff\xffK\x04\x85K\x01\x85"),      // negative offset
                                  "K" + zero + "K\x05\x85K\x01\x85",                       // too long
                                  "K" + zero + "K\x02\x85K\x04\x85",                       // stride too large
                                  "K" + zero + "J\xff\xff\xff\x7f\x85K" + zero + "\x85"})  // stride 0
    EXPECT_TRUE(contains(file_error(with_view(view)), "exceeds the 4 elements"));
}

TEST(StoredZip, DamageIsDetectedByChecksum) {
  std::string bytes = zip_file();
  const size_t at = bytes.find("head.weight");
  bytes[at] = 'H';
  EXPECT_TRUE(contains(error_text(ErrorKind::data, [&] { read_stored_zip(bytes, "file"); }),
                       "'archive/data.pkl' does not match its checksum"));
}

}  // namespace
}  // namespace unet
