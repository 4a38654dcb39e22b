#include "configs/schema/writer.h"

#include "configs/schema/text.h"
#include "configs/schema/value_text.h"

namespace unet {
namespace {

class YamlWriter : public ConstFieldVisitor {
 public:
  explicit YamlWriter(Comments comments) : comments_(comments) {}
  std::string text;

 protected:
  void leaf(const Field& field, ConstFieldValue value) override {
    std::string note = field.meaning;
    const std::string allowed =
        field.limits.words.empty() ? limits_text(field.limits) : join(field.limits.words, " | ");
    if (!allowed.empty()) note += " (" + allowed + ")";
    add(start(field) + " " + value_text(field, value), note);
  }
  void group(const Field& field, const Options& options) override {
    add(start(field), field.meaning);
    nested(options, "  ");
  }
  void choice(const Field& field, const Choice& choice) override {
    add(start(field), field.meaning);
    add_row("  ", choice);
    nested(choice.options(), "  ");
  }
  void choices(const Field& field, const ChoiceList& choices) override {
    add(start(field) + (choices.size() == 0 ? " []" : ""), field.meaning);
    for (size_t i = 0; i < choices.size(); ++i) {
      add_row("  - ", choices.at(i));
      nested(choices.at(i).options(), "    ");
    }
  }

 private:
  std::string start(const Field& field) const { return indent_ + field.name + ":"; }

  void add_row(const std::string& start, const Choice& choice) {
    add(indent_ + start + choice.key() + ": " + choice.name(), join(row_names(choice), " | "));
  }

  void nested(const Options& options, const std::string& indent) {
    indent_ += indent;
    walk(options);
    indent_.resize(indent_.size() - indent.size());
  }

  void add(const std::string& line, const std::string& note) {
    constexpr size_t kNoteColumn = 40;
    text += line;
    if (comments_ == Comments::meanings && !note.empty())
      text += std::string(line.size() < kNoteColumn ? kNoteColumn - line.size() : 1, ' ') + " # " + note;
    text += "\n";
  }

  Comments comments_;
  std::string indent_;
};

/// Collects every option with its key path.
class OptionLister : public ConstFieldVisitor {
 public:
  std::map<std::string, std::string> values;
  std::vector<std::pair<std::string, Traits>> leaves;  ///< in the order of the fields

 protected:
  void leaf(const Field& field, ConstFieldValue value) override {
    values[prefix_ + field.name] = value_text(field, value);
    leaves.emplace_back(prefix_ + field.name, field.traits);
  }
  void group(const Field& field, const Options& options) override { nested(field.name, options); }
  void choice(const Field& field, const Choice& choice) override { add_choice(field.name, choice); }
  void choices(const Field& field, const ChoiceList& choices) override {
    values[prefix_ + field.name] = concat(choices.size(), " items");
    for (size_t i = 0; i < choices.size(); ++i) add_choice(concat(field.name, '.', i), choices.at(i));
  }

 private:
  void add_choice(const std::string& name, const Choice& choice) {
    values[prefix_ + name] = choice.name();
    nested(name, choice.options());
  }

  void nested(const std::string& name, const Options& options) {
    const std::string outer = prefix_;
    prefix_ += name + ".";
    walk(options);
    prefix_ = outer;
  }

  std::string prefix_;
};

}  // namespace

std::string to_yaml(const Options& options, Comments comments) {
  YamlWriter writer(comments);
  writer.walk(options);
  return writer.text;
}

std::map<std::string, std::string> option_values(const Options& options) {
  OptionLister lister;
  lister.walk(options);
  return lister.values;
}

std::vector<std::string> option_paths(const Options& options, bool (*is_wanted)(const Traits&)) {
  OptionLister lister;
  lister.walk(options);
  std::vector<std::string> paths;
  for (const auto& [path, traits] : lister.leaves)
    if (is_wanted(traits)) paths.push_back(path);
  return paths;
}

}  // namespace unet
