#include "data/samples/disk_cache.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <string_view>
#include <system_error>
#include <vector>

#include "configs/schema/error.h"
#include "configs/schema/writer.h"
#include "data/dataset/sample_state.h"
#include "data/files/descriptor.h"
#include "data/files/mapped_file.h"
#include "data/images/image_probe.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

constexpr int kEntryFormat = 1;  // raise it when a decoded sample changes although its file and the options do not
constexpr uint64_t kEntryMagic = 0x31'58'49'50'54'45'4E'55;  // "UNETPIX1"; reads differently on big-endian machines
constexpr size_t kEntryAlignment = 64;
constexpr const char* kUnfinishedPrefix = ".tmp-";

/// Beginning of a file of the cache. Identity, statistics (pairs of doubles), image and mask follow, each aligned.
struct EntryHeader {
  uint64_t magic = kEntryMagic;
  uint64_t checksum = 0;  ///< of all that follows it
  uint64_t bytes = 0;     ///< of the file
  uint64_t identity = 0;  ///< bytes
  uint64_t statistics = 0;
  int32_t rows = 0, cols = 0, type = 0, reserved = 0;
};
static_assert(sizeof(EntryHeader) == 56);
constexpr size_t kChecked = 16;  // bytes before those that the checksum covers

constexpr uint64_t aligned(uint64_t bytes) { return (bytes + kEntryAlignment - 1) / kEntryAlignment * kEntryAlignment; }

/// Offsets of the parts of a file.
struct EntryLayout {
  explicit EntryLayout(const EntryHeader& header)
      : identity(aligned(sizeof(EntryHeader))),
        statistics(identity + aligned(header.identity)),
        image(statistics + aligned(header.statistics * sizeof(ChannelStatistics))),
        mask(image + aligned(pixels(header) * CV_ELEM_SIZE(header.type))),
        end(mask + pixels(header)) {}
  static uint64_t pixels(const EntryHeader& header) {
    return static_cast<uint64_t>(header.rows) * static_cast<uint64_t>(header.cols);
  }
  uint64_t identity, statistics, image, mask, end;
};

/// Returns the header of a file if the file has the length that it declares.
std::optional<EntryHeader> header_of(std::string_view bytes) {
  EntryHeader header;
  if (bytes.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != kEntryMagic || header.bytes != bytes.size() || header.identity > bytes.size() ||
      header.statistics > static_cast<uint64_t>(kMaxChannels) || header.rows < 1 || header.rows > kMaxSide ||
      header.cols < 1 || header.cols > kMaxSide || header.type != (header.type & CV_MAT_TYPE_MASK) ||
      EntryLayout(header).end != bytes.size())
    return std::nullopt;
  return header;
}

std::string hash_text(const std::string& text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  char digits[33];
  std::snprintf(digits, sizeof digits, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return digits;
}

/// What a decoded sample depends on besides its files: the options that change it, and the program.
std::string decoding_settings(const DataOptions& data) {
  DataOptions relevant;
  relevant.labels = data.labels;
  relevant.ignore_values = data.ignore_values;
  relevant.snap = data.snap;
  relevant.channels = data.channels;
  relevant.fourth_channel = data.fourth_channel;
  relevant.mean = data.mean;  // of pixels without a value
  if (data.normalize == Normalize::per_image) {
    relevant.normalize = data.normalize;
    relevant.std = data.std;
  }
  if (data.size_policy == SizePolicy::resize) {
    relevant.size_policy = data.size_policy;
    relevant.size = data.size;
  }
  return concat("format ", kEntryFormat, ", OpenCV ", CV_VERSION, ", options ",
                hash_text(to_yaml(relevant, Comments::none)), '\n');
}

/// Removes what killed processes left; younger files may still be in progress.
void remove_unfinished(const std::string& folder) {
  std::error_code ignored;
  const auto oldest = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
    std::error_code failed;
    if (entry->path().filename().string().rfind(kUnfinishedPrefix, 0) == 0 && entry->last_write_time(failed) < oldest &&
        !failed)
      fs::remove(entry->path(), failed);
  }
}

/// Name that no other thread, process or machine uses at the same time.
std::string unfinished_name(const std::string& folder) {
  static std::atomic<uint64_t> count{0};
  char host[64] = "";
  ::gethostname(host, sizeof host - 1);
  return concat(folder, '/', kUnfinishedPrefix, host, '-', ::getpid(), '-', count++);
}

/// The parts of a file, with zeros between them. Identity and sample must outlive it.
class EntryParts {
 public:
  EntryParts(const std::string& identity, const Sample& sample)
      : image_(sample.image.isContinuous() ? sample.image : sample.image.clone()),
        mask_(sample.mask.isContinuous() ? sample.mask : sample.mask.clone()) {
    header_.rows = image_.rows;
    header_.cols = image_.cols;
    header_.type = image_.type();
    header_.identity = identity.size();
    header_.statistics = sample.statistics.size();
    header_.bytes = EntryLayout(header_).end;
    add(&header_, sizeof header_);
    add(identity.data(), identity.size());
    add(sample.statistics.data(), sample.statistics.size() * sizeof(ChannelStatistics));
    add(image_.data, image_.total() * image_.elemSize());
    add(mask_.data, mask_.total());
    parts_.pop_back();  // nothing follows the mask
    header_.checksum = checksum();
  }

  uint64_t bytes() const { return header_.bytes; }

  /// Returns whether all bytes were written; else errno says why not.
  bool write_to(int fd) const {
    for (std::string_view part : parts_)
      while (!part.empty()) {
        const ssize_t count = ::write(fd, part.data(), part.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        part.remove_prefix(static_cast<size_t>(count));
      }
    return true;
  }

 private:
  void add(const void* data, size_t bytes) {
    static constexpr char kZeros[kEntryAlignment] = {};
    parts_.emplace_back(static_cast<const char*>(data), bytes);
    parts_.emplace_back(kZeros, aligned(bytes) - bytes);
  }

  uint64_t checksum() const {
    const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), XXH3_freeState);
    XXH3_64bits_reset(state.get());
    for (size_t i = 0; i < parts_.size(); ++i) {
      const std::string_view part = i == 0 ? parts_[i].substr(kChecked) : parts_[i];
      XXH3_64bits_update(state.get(), part.data(), part.size());
    }
    return XXH3_64bits_digest(state.get());
  }

  EntryHeader header_;
  cv::Mat image_, mask_;
  std::vector<std::string_view> parts_;
};

}  // namespace

std::optional<SampleIdentity> identity_of(const SampleRef& sample) {
  // Long after every change: a sample is stored again as soon as any time of a file differs.
  constexpr int64_t kLater = std::numeric_limits<int64_t>::max() / 2;
  const std::optional<SampleState> state = state_of(sample, "", kLater);
  if (!state) return std::nullopt;
  const SampleState source = source_of(sample);
  return SampleIdentity{concat(source.high, ' ', source.low, '\n'), concat(state->high, ' ', state->low)};
}

DiskCache::DiskCache(std::string folder, const DataOptions& data, Notify notify, uint64_t reserve)
    : folder_(std::move(folder)),
      settings_(decoding_settings(data)),
      notify_(notify ? std::move(notify) : [](const std::string&) {}),
      reserve_(reserve) {
  std::error_code ignored;  // a folder that cannot be made is reported when the first sample is stored
  fs::create_directories(folder_, ignored);
  remove_unfinished(folder_);
}

std::string DiskCache::path_of(const SampleIdentity& identity) const {
  return concat(folder_, '/', hash_text(settings_ + identity.source), ".sample");
}

/// Verifies the checksum of a file, once for each content.
bool DiskCache::is_intact(std::string_view bytes) {
  uint64_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + offsetof(EntryHeader, checksum), sizeof checksum);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (intact_.count(checksum) != 0) return true;
  }
  if (XXH3_64bits(bytes.data() + kChecked, bytes.size() - kChecked) != checksum) return false;
  const std::lock_guard<std::mutex> lock(mutex_);
  intact_.insert(checksum);
  return true;
}

std::optional<Sample> DiskCache::find(const SampleIdentity& identity) {
  const std::string path = path_of(identity);
  const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
  if (!file) return std::nullopt;
  const std::string_view bytes = file->bytes();
  const std::optional<EntryHeader> header = header_of(bytes);
  if (!header) {
    report_damage(path);
    return std::nullopt;
  }
  const EntryLayout layout(*header);
  if (bytes.substr(layout.identity, header->identity) != settings_ + identity.source + identity.state)
    return std::nullopt;
  if (!is_intact(bytes)) {
    report_damage(path);
    return std::nullopt;
  }
  // OpenCV has no image of constant pixels; writing to these would end the program.
  auto* begin = reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data()));
  Sample sample{cv::Mat(header->rows, header->cols, header->type, begin + layout.image),
                cv::Mat(header->rows, header->cols, CV_8UC1, begin + layout.mask)};
  sample.statistics.resize(header->statistics);
  if (header->statistics > 0)
    std::memcpy(sample.statistics.data(), begin + layout.statistics, header->statistics * sizeof(ChannelStatistics));
  sample.storage = file;
  return sample;
}

void DiskCache::store(const SampleIdentity& identity, const Sample& sample) {
  if (!is_storing_) return;
  const std::string text = settings_ + identity.source + identity.state;
  const EntryParts parts(text, sample);
  struct statvfs disk {};
  if (::statvfs(folder_.c_str(), &disk) != 0) return stop_storing(std::strerror(errno));
  if (static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize < reserve_ + parts.bytes())
    return stop_storing(concat("less than ", reserve_ >> 20, " MiB would stay free on the disk"));
  const std::string unfinished = unfinished_name(folder_);
  bool is_stored = false;
  {
    const Descriptor file(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
    is_stored = file.get() >= 0 && parts.write_to(file.get());
  }
  is_stored = is_stored && ::rename(unfinished.c_str(), path_of(identity).c_str()) == 0;
  if (is_stored) return;
  const std::string reason = std::strerror(errno);
  ::unlink(unfinished.c_str());
  stop_storing(reason);
}

void DiskCache::report_damage(const std::string& path) {
  if (is_damage_reported_.exchange(true)) return;
  notify_(concat("[data.cache_dir] ", path, ": damaged; this and other damaged samples are decoded and stored again"));
}

void DiskCache::stop_storing(const std::string& reason) {
  if (!is_storing_.exchange(false)) return;
  notify_(concat("[data.cache_dir] ", folder_, ": cannot store more samples: ", reason,
                 ". The remaining samples are decoded in every epoch. Free disk space and run it again, or choose "
                 "another folder"));
}

}  // namespace unet
