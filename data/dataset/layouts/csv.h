#pragma once

#include <fstream>
#include <string>
#include <vector>

namespace unet {

/// Reads a CSV file record by record (RFC 4180: quoted fields, doubled quotes, line breaks inside quotes), with LF or
/// CRLF, with or without a byte order mark.
class CsvReader {
 public:
  /// Throws Error(missing_input), Error(io) where the file cannot be opened.
  explicit CsvReader(const std::string& path);

  /// Reads the next record that is not empty into `fields`; false at the end. Throws Error(data) for a quote that does
  /// not end.
  bool next(std::vector<std::string>& fields);

  /// Number of the line on which the record that was read last begins, from 1.
  size_t line() const { return line_; }

  char separator = ',';

 private:
  bool read_record(std::vector<std::string>& fields);

  std::string path_;
  std::ifstream file_;
  std::string text_;
  size_t line_ = 0, lines_read_ = 0;
};

}  // namespace unet
