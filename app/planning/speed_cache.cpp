#include "app/planning/speed_cache.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "app/runtime/user_folder.h"
#include "data/files/atomic_file.h"
#include "data/files/read_file.h"

namespace unet {

SpeedCache::SpeedCache(std::string file) : file_(std::move(file)) {
  if (file_.empty() || !std::filesystem::exists(file_)) return;
  try {
    const nlohmann::json stored = nlohmann::json::parse(read_file(file_));
    for (const auto& [key, value] : stored.items()) {
      const Entry entry{{value.at("width"), value.at("train"), value.at("predict")}, value.at("number")};
      if (!(entry.speed.train > 0) || !(entry.speed.predict > 0)) continue;
      entries_[key] = entry;
      next_ = std::max(next_, entry.number + 1);
    }
  } catch (const std::exception& error) {
    spdlog::debug("{}: not used: {}", file_, error.what());
    entries_.clear();
  }
}

std::optional<NetworkSpeed> SpeedCache::find(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? std::nullopt : std::optional(found->second.speed);
}

void SpeedCache::add(const std::string& key, const NetworkSpeed& speed) {
  entries_[key] = {speed, next_++};
  is_changed_ = true;
}

void SpeedCache::save() const {
  if (file_.empty() || !is_changed_) return;
  constexpr int64_t kMost = 1000;
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [key, entry] : entries_)
    if (entry.number >= next_ - kMost)
      json[key] = {{"width", entry.speed.width},
                   {"train", entry.speed.train},
                   {"predict", entry.speed.predict},
                   {"number", entry.number}};
  try {
    make_output_folder(std::filesystem::path(file_).parent_path().string());
    write_file(file_, json.dump(1) + "\n");
  } catch (const Error& error) {
    spdlog::debug("the speed of this machine is measured again next time: {}", error.what());
  }
}

std::string SpeedCache::user_file() {
  const std::string folder = user_cache_folder();
  return folder.empty() ? "" : (std::filesystem::path(folder) / "speeds.json").string();
}

}  // namespace unet
