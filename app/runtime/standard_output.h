#pragma once

#include <string>

namespace unet {

/// Writes data to stdout. Throws Error(io) if not all of it was written, e.g. because the disk is full or the reader
/// has gone.
void print_data(const std::string& text);

/// Opens /dev/null for each of stdin, stdout and stderr that is closed, so that no file gets its number. Writes to such
/// a stdout still fail.
void reserve_standard_streams();

/// Makes writes to a pipe without a reader fail instead of ending the process.
void ignore_closed_pipes();

}  // namespace unet
