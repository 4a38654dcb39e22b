#include "data/dataset/scan_cache.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>
#include <filesystem>
#include <opencv2/core/utility.hpp>

#include "configs/schema/error.h"
#include "data/files/atomic_file.h"
#include "data/files/byte_archive.h"
#include "data/files/cache_folder.h"
#include "data/files/file_stamp.h"
#include "data/files/read_file.h"

namespace unet {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "unet scan 1\n";
constexpr size_t kMaxScanFile = size_t{256} << 20, kMaxScanFolder = size_t{1} << 30;  // bytes
constexpr uint8_t kMaxAge = 4;

uint64_t checksum_of(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

/// Versions of all that decodes files.
std::string decoder_version(const std::string& program) { return program + ", OpenCV " + cv::getVersionString(); }

/// Returns what stands between the name of the format and the checksum. Throws Error(data).
std::string_view checked_content(std::string_view bytes) {
  uint64_t checksum = 0;
  if (bytes.size() < kFormat.size() + sizeof(checksum)) fail(ErrorKind::data, "got ", bytes.size(), " bytes");
  std::memcpy(&checksum, bytes.data() + bytes.size() - sizeof(checksum), sizeof(checksum));
  bytes.remove_suffix(sizeof(checksum));
  if (checksum_of(bytes) != checksum) fail(ErrorKind::data, "the checksum is wrong");
  bytes.remove_prefix(kFormat.size());
  return bytes;
}

}  // namespace

ScanCache::ScanCache(const ScanCacheOptions& options) : options_(options) {
  if (options_.now == 0) options_.now = present_time();
  if (options_.file.empty() || options_.is_renewed) return;
  try {
    load();
  } catch (const std::exception& error) {
    stored_.clear();
    use_.damage = concat(options_.file, ": ignored: ", error.what());
  }
}

void ScanCache::load() {
  std::error_code error;
  const auto size = fs::file_size(options_.file, error);
  if (error) return;
  if (size > 2 * kMaxScanFile) fail(ErrorKind::data, "got ", size, " bytes");
  file_ = read_file(options_.file);
  if (file_.compare(0, kFormat.size(), kFormat) != 0) fail(ErrorKind::data, "not a file of this version");
  ByteReader reader(checked_content(file_));
  std::string program;
  reader(program);
  if (program != decoder_version(options_.program)) return;
  while (!reader.at_end()) {
    SampleState state;
    Entry entry;
    reader(state.low, state.high, entry.age);
    entry.scan = reader.text();
    stored_.emplace(state, entry);
  }
}

SampleScan ScanCache::get(const SampleRef& sample, const std::function<bool(const SampleScan&)>& is_complete,
                          const std::function<SampleScan()>& scan) {
  if (options_.file.empty()) return scan();
  // The state is that before the files are read: if they change meanwhile, it will not be found again.
  const std::optional<SampleState> state = state_of(sample, options_.dir, options_.now);
  if (!state) return scan();
  if (std::optional<SampleScan> stored = find(*state, is_complete)) return std::move(*stored);
  SampleScan result = scan();
  if (!result.problems.empty()) return result;
  std::string bytes = to_bytes(result);
  const std::lock_guard<std::mutex> lock(mutex_);
  fresh_.emplace_back(*state, std::move(bytes));
  return result;
}

std::optional<SampleScan> ScanCache::find(const SampleState& state,
                                          const std::function<bool(const SampleScan&)>& is_complete) {
  const auto place = stored_.find(state);
  if (place == stored_.end()) return std::nullopt;
  try {
    SampleScan scan = sample_scan_from(place->second.scan);
    const bool complete = is_complete(scan);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!complete) place->second.age = kMaxAge;  // another takes its place
    if (!complete) return std::nullopt;
    place->second.is_used = true;
    ++use_.reused;
    return scan;
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// The used scans first, for the case that not all have room.
std::string ScanCache::file_bytes() {
  std::vector<std::pair<SampleState, Entry>> entries;
  for (const auto& [state, entry] : stored_)
    if (entry.is_used) entries.push_back({state, {entry.scan, 0}});
  for (const auto& [state, scan] : fresh_) entries.push_back({state, {scan, 0}});
  const size_t needed = entries.size();
  for (const auto& [state, entry] : stored_)
    if (!entry.is_used && entry.age + 1 < kMaxAge)
      entries.push_back({state, {entry.scan, static_cast<uint8_t>(entry.age + 1)}});

  ByteWriter writer;
  writer(decoder_version(options_.program));
  size_t kept = 0;
  for (; kept < entries.size() && writer.bytes().size() < kMaxScanFile; ++kept) {
    const auto& [state, entry] = entries[kept];
    writer(state.low, state.high, entry.age, entry.scan);
  }
  if (kept < needed)
    use_.not_kept = concat(options_.file, ": holds only ", kept, " of ", needed, " samples, as many as fit into ",
                           kMaxScanFile >> 20, " MiB");
  return writer.bytes();
}

ScanCacheUse ScanCache::save() {
  if (options_.file.empty()) return use_;
  if (fresh_.empty()) {
    mark_used(options_.file);
    return use_;
  }
  try {
    std::string bytes(kFormat);
    bytes += file_bytes();
    const uint64_t checksum = checksum_of(bytes);
    bytes.append(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
    const std::string folder = fs::path(options_.file).parent_path().string();
    std::error_code ignored;  // writing says what is wrong
    fs::create_directories(folder, ignored);
    write_file(options_.file, bytes);
    limit_cache_folder(folder, fs::path(options_.file).extension().string(), kMaxScanFolder);
  } catch (const std::exception& error) {
    use_.not_kept = error.what();
  }
  return use_;
}

}  // namespace unet
