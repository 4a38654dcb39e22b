#include "app/runtime/standard_output.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "configs/schema/error.h"

namespace unet {

void print_data(const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(STDOUT_FILENO, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) {  // another program made the stream non-blocking
      pollfd stream{STDOUT_FILENO, POLLOUT, 0};
      ::poll(&stream, 1, -1);
      continue;
    }
    if (count < 0)
      fail(ErrorKind::io, "stdout: wrote only ", done, " of ", text.size(), " bytes: ", std::strerror(errno));
    done += static_cast<size_t>(count);
  }
}

void reserve_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    // Opened the wrong way round, so that reading and writing fail as on a closed stream. The lowest number is used.
    [[maybe_unused]] const int opened = ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

void ignore_closed_pipes() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace unet
