#include "app/planning/plan_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "app/planning/memory_size.h"
#include "app/runtime/progress_bar.h"
#include "configs/schema/text.h"

namespace unet {
namespace {

/// Text on one line, which a comment or a row of a table needs.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

/// A scalar as YAML: quoted unless every reader takes it for the same text.
std::string scalar_yaml(const std::string& text) {
  const bool is_plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '+' || c == '/' || c == '-';
  });
  return is_plain && text != "-" ? text
                                 : nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string flow_yaml(const Tree& tree) {
  std::vector<std::string> parts;
  switch (tree.kind) {
    case Tree::Kind::null:
      return "~";
    case Tree::Kind::scalar:
      return scalar_yaml(tree.scalar);
    case Tree::Kind::list:
      for (const Tree& item : tree.items) parts.push_back(flow_yaml(item));
      return "[" + join(parts) + "]";
    case Tree::Kind::map:
      for (const Tree::Entry& entry : tree.entries)
        parts.push_back(scalar_yaml(entry.key) + ": " + flow_yaml(entry.value));
      return "{" + join(parts) + "}";
  }
  return "~";
}

using CommentOf = std::function<std::string(const std::string& path)>;

/// Writes sections and their sections as blocks, and everything below them on one line.
void add_entries(std::string& text, const Tree& tree, const std::string& path, const std::string& indent,
                 const CommentOf& comment) {
  constexpr size_t kDeepestBlock = 4;
  for (const Tree::Entry& entry : tree.entries) {
    const std::string whole = path.empty() ? entry.key : path + "." + entry.key;
    const bool is_block = entry.value.kind == Tree::Kind::map && !entry.value.entries.empty() &&
                          indent.size() < kDeepestBlock && entry.value.find("name") == nullptr &&
                          entry.value.find("mode") == nullptr && entry.key != "labels";
    if (const std::string note = comment ? comment(whole) : ""; !note.empty()) text += indent + "# " + note + "\n";
    text += indent + scalar_yaml(entry.key) + ":" + (is_block ? "" : " " + flow_yaml(entry.value)) + "\n";
    if (is_block) add_entries(text, entry.value, whole, indent + "  ", comment);
  }
}

std::string facts_text(const DataFacts& data) {
  std::string text =
      fmt::format("data: {} and {}, {}x{} (median), {}, {} bits\n", counted(data.train_images, "training image"),
                  counted(data.val_images, "validation image"), data.height, data.width,
                  counted(data.channels, "channel"), data.bits);
  for (const ClassFacts& each : data.classes)
    text += fmt::format("  {}: {:.3g}% of the pixels, {} in {}, median {:.0f} pixels, {:.0f} pixels wide\n",
                        one_line(each.name), 100 * each.share, counted(each.objects, "object"),
                        counted(data.looked_at, "image"), each.area, each.width);
  return text;
}

std::string speed_text(const PlanInput& input) {
  if (!input.machine.has_speed()) return "machine: not measured, because train.epochs decides\n";
  std::vector<std::string> parts;
  for (const NetworkSpeed& each : input.machine.speeds)
    parts.push_back(fmt::format("{:.2f} s at width {}", each.train, each.width));
  return fmt::format("machine: a training megapixel takes {}; measured in {:.1f} s\n", join(parts),
                     input.machine.measured_seconds);
}

nlohmann::json json_of(const HalfDifference& halves) {
  return {{"labels", halves.labels},
          {"one_class", halves.one_class},
          {"brightness", halves.brightness},
          {"matters", halves.matters}};
}

nlohmann::json json_of(const DataFacts& data) {
  nlohmann::json classes = nlohmann::json::array();
  for (const ClassFacts& each : data.classes)
    classes.push_back({{"name", each.name},
                       {"share", each.share},
                       {"objects", each.objects},
                       {"median_pixels", each.area},
                       {"width", each.width},
                       {"large_width", each.large_width}});
  return {{"training_images", data.train_images},
          {"validation_images", data.val_images},
          {"looked_at", data.looked_at},
          {"median_size", {data.height, data.width}},
          {"largest_size", {data.largest_height, data.largest_width}},
          {"aspect_spread", data.aspect_spread},
          {"channels", data.channels},
          {"bits", data.bits},
          {"classes", classes},
          {"scales", kScales},
          {"mask_iou", data.mask_iou},
          {"up_and_down", json_of(data.orientation.vertical)},
          {"left_and_right", json_of(data.orientation.horizontal)}};
}

nlohmann::json json_of(const MachineFacts& machine) {
  nlohmann::json speeds = nlohmann::json::array();
  for (const NetworkSpeed& each : machine.speeds)
    speeds.push_back({{"width", each.width},
                      {"train_seconds_per_megapixel", each.train},
                      {"predict_seconds_per_megapixel", each.predict}});
  return {{"speeds", speeds},
          {"load_seconds", machine.load_seconds},
          {"read_seconds", machine.read_seconds},
          {"threads", machine.threads},
          {"memory_bytes", machine.memory_bytes},
          {"measured_seconds", machine.measured_seconds}};
}

nlohmann::json json_of(const Forecast& forecast) {
  nlohmann::json json{{"steps", forecast.steps}, {"images", forecast.images}};
  json["seconds"] = forecast.seconds ? nlohmann::json(*forecast.seconds) : nlohmann::json();
  json["memory_bytes"] = forecast.memory_bytes ? nlohmann::json(*forecast.memory_bytes) : nlohmann::json();
  return json;
}

}  // namespace

std::string forecast_text(const Forecast& forecast) {
  std::string text = fmt::format("about {} and {}", counted(forecast.steps, "step"), counted(forecast.images, "image"));
  if (forecast.memory_bytes) text += ", " + memory_size_text(*forecast.memory_bytes);
  return text + (forecast.seconds ? ", in " + duration_text(*forecast.seconds) : "");
}

std::string to_table(const Plan& plan) {
  size_t path_width = 0, value_width = 0;
  constexpr size_t kWidestValue = 20;
  for (const PlannedOption& each : plan.options) {
    path_width = std::max(path_width, each.path.size());
    value_width = std::max(value_width, std::min(kWidestValue, each.value.size()));
  }
  std::string text = facts_text(plan.input.data) + speed_text(plan.input) + "choices:\n";
  for (const PlannedOption& each : plan.options)
    text +=
        fmt::format("  {:<{}}  {:<{}}  {}\n", each.path, path_width, each.value, value_width, one_line(each.reason));
  return text + "forecast: " + forecast_text(plan.forecast) + "\n";
}

nlohmann::json to_json(const Plan& plan) {
  nlohmann::json options = nlohmann::json::array();
  for (const PlannedOption& each : plan.options)
    options.push_back({{"option", each.path}, {"value", each.value}, {"reason", each.reason}});
  return {{"data", json_of(plan.input.data)},
          {"machine", json_of(plan.input.machine)},
          {"choices", options},
          {"forecast", json_of(plan.forecast)}};
}

std::string to_yaml(const Tree& tree, const CommentOf& comment) {
  std::string text;
  add_entries(text, tree, "", "", comment);
  return text;
}

std::string to_yaml(const Plan& plan, const Tree& given, const std::string& command) {
  Tree tree = given;
  if (tree.kind != Tree::Kind::map) tree = Tree{Tree::Kind::map, {}, "", {}, {}};
  std::map<std::string, std::string> reasons;
  for (const PlannedOption& each : plan.options) {
    set_value(tree, each.path + "=" + each.value);
    reasons[each.path] = one_line(each.reason);
  }
  const auto comment = [&](const std::string& path) {
    const auto found = reasons.find(path);
    return found == reasons.end() ? "" : found->second;
  };
  return "# " + one_line(command) + "\n# Forecast: " + forecast_text(plan.forecast) + "\n" + to_yaml(tree, comment);
}

}  // namespace unet
