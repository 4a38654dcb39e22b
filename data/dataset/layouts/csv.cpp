#include "data/dataset/layouts/csv.h"

#include <cerrno>
#include <cstring>

#include "configs/schema/error.h"

namespace unet {

CsvReader::CsvReader(const std::string& path) : path_(path), file_(path, std::ios::binary) {
  if (!file_) {
    const int code = errno;
    fail(code == ENOENT ? ErrorKind::missing_input : ErrorKind::io, path, ": cannot open: ", std::strerror(code),
         ". Check the path and its permissions");
  }
}

bool CsvReader::next(std::vector<std::string>& fields) {
  while (read_record(fields))
    if (fields.size() > 1 || !fields[0].empty()) return true;
  return false;
}

bool CsvReader::read_record(std::vector<std::string>& fields) {
  line_ = lines_read_ + 1;
  size_t count = 0;
  bool in_quotes = false;
  const auto begin_field = [&] {
    if (count == fields.size()) fields.emplace_back();
    fields[count++].clear();
  };
  begin_field();
  do {
    if (!std::getline(file_, text_)) {
      if (!in_quotes) return false;
      fail(ErrorKind::data, path_, " line ", line_, ": a quote does not end. Add the missing \"");
    }
    size_t at = lines_read_++ == 0 && text_.compare(0, 3, "\xEF\xBB\xBF") == 0 ? 3 : 0;
    if (!text_.empty() && text_.back() == '\r') text_.pop_back();
    for (; at < text_.size(); ++at) {
      const char c = text_[at];
      std::string& field = fields[count - 1];
      if (in_quotes && c == '"' && at + 1 < text_.size() && text_[at + 1] == '"') {
        field += c;
        ++at;
      } else if (c == '"' && (in_quotes || field.empty())) {
        in_quotes = !in_quotes;
      } else if (c == separator && !in_quotes) {
        begin_field();
      } else {
        field += c;
      }
    }
    if (in_quotes) fields[count - 1] += '\n';
  } while (in_quotes);
  fields.resize(count);
  return true;
}

}  // namespace unet
