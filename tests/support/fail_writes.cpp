// Preloaded into the program (LD_PRELOAD). Makes the Nth file operation below a folder fail, as on a full or failing
// disk, or sends the process a signal at that moment.
//   UNET_FAULT_FOLDER  the folder, as an absolute path without links
//   UNET_FAULT         enospc:N, eio:N    the operation fails with this error; N+: all later ones as well
//                      short:N            only half of the bytes are written
//                      kill:N             SIGKILL; if the operation is a write, after half of the bytes
//                      int:N, term:N, usr1:N, hup:N, stop:N  the signal of that name
//   UNET_FAULT_TRACE   a file to which a line is appended for each operation, with its name and path
// N counts these operations from 1: create (an open for writing), write, sync, rename, link, unlink and mkdir. Calls
// inside the C library, such as the writes of fwrite, are not seen. Nothing here allocates, since a signal handler may
// call it.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

struct FaultRow {
  const char* name;
  int error;
  int signal;
};
constexpr FaultRow kFaults[] = {{"enospc", ENOSPC, 0}, {"eio", EIO, 0},    {"short", 0, 0},
                                {"kill", 0, SIGKILL},  {"int", 0, SIGINT}, {"term", 0, SIGTERM},
                                {"usr1", 0, SIGUSR1},  {"hup", 0, SIGHUP}, {"stop", 0, SIGSTOP}};

struct Plan {
  const char* folder = nullptr;
  const char* trace = nullptr;
  const FaultRow* fault = nullptr;
  long number = 0;
  bool repeats = false;
};

Plan plan;
std::atomic<long> operations{0};

__attribute__((constructor)) void read_plan() {
  plan.folder = std::getenv("UNET_FAULT_FOLDER");
  plan.trace = std::getenv("UNET_FAULT_TRACE");
  const char* text = std::getenv("UNET_FAULT");
  const char* colon = text == nullptr ? nullptr : std::strchr(text, ':');
  if (colon == nullptr) return;
  for (const FaultRow& row : kFaults)
    if (std::strncmp(text, row.name, std::strlen(row.name)) == 0) plan.fault = &row;
  char* end = nullptr;
  plan.number = std::strtol(colon + 1, &end, 10);
  plan.repeats = *end == '+';
}

bool is_below_folder(const char* path) {
  if (plan.folder == nullptr) return false;
  const size_t length = std::strlen(plan.folder);
  return std::strncmp(path, plan.folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/// Gets the current path of an open file; empty if it has none.
void path_of(int fd, char (&path)[PATH_MAX]) {
  char link[64];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t length = ::readlink(link, path, sizeof(path) - 1);
  path[std::max<ssize_t>(length, 0)] = '\0';
}

/// Makes `name` absolute. It may be relative to an open folder or to the working directory.
void make_absolute(int folder, const char* name, char (&path)[PATH_MAX]) {
  path[0] = '\0';
  if (name[0] != '/' && folder != AT_FDCWD) path_of(folder, path);
  if (name[0] != '/' && folder == AT_FDCWD && ::getcwd(path, sizeof(path)) == nullptr) path[0] = '\0';
  const size_t used = std::strlen(path);
  std::snprintf(path + used, sizeof(path) - used, used == 0 ? "%s" : "/%s", name);
}

void trace(const char* operation, const char* path) {
  if (plan.trace == nullptr) return;
  char line[PATH_MAX + 32];
  const int length = std::snprintf(line, sizeof(line), "%s %s\n", operation, path);
  const auto file =
      static_cast<int>(::syscall(SYS_openat, AT_FDCWD, plan.trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  ::syscall(SYS_write, file, line, length);
  ::syscall(SYS_close, file);
}

/// Fault that an operation gets.
struct InjectedFault {
  int error = 0;
  bool is_short = false;
  bool kills = false;  ///< after half of the bytes are written

  bool fails() const {
    if (error != 0) errno = error;
    return error != 0;
  }
};

InjectedFault inject(const char* operation, const char* path, bool is_write = false) {
  if (!is_below_folder(path)) return {};
  trace(operation, path);
  const long number = ++operations;
  const bool hit = plan.fault != nullptr && (number == plan.number || (plan.repeats && number > plan.number));
  if (!hit) return {};
  const bool kills = plan.fault->signal == SIGKILL;
  if (plan.fault->signal != 0 && !(kills && is_write)) ::raise(plan.fault->signal);
  return {plan.fault->error, is_write && (kills || std::strcmp(plan.fault->name, "short") == 0), kills};
}

InjectedFault inject(const char* operation, int folder, const char* name) {
  char path[PATH_MAX];
  make_absolute(folder, name, path);
  return inject(operation, path);
}

/// Calls `write` with the number of bytes to write: all of them, or half.
template <class Write>
ssize_t faulty_write(int fd, size_t bytes, Write write) {
  char path[PATH_MAX];
  path_of(fd, path);
  const InjectedFault fault = inject("write", path, /*is_write=*/true);
  if (fault.fails()) return -1;
  const auto done = static_cast<ssize_t>(write(fault.is_short ? (bytes + 1) / 2 : bytes));
  if (fault.kills) ::raise(SIGKILL);
  return done;
}

int faulty_sync(int fd, long call) {
  char path[PATH_MAX];
  path_of(fd, path);
  return inject("sync", path).fails() ? -1 : static_cast<int>(::syscall(call, fd));
}

int faulty_open(int folder, const char* path, int flags, mode_t mode) {
  const bool writes = (flags & (O_CREAT | O_WRONLY | O_RDWR)) != 0;
  if (writes && inject("create", folder, path).fails()) return -1;
  return static_cast<int>(::syscall(SYS_openat, folder, path, flags, mode));
}

FILE* faulty_open(const char* real, const char* path, const char* mode) {
  if (std::strpbrk(mode, "wa+") != nullptr && inject("create", AT_FDCWD, path).fails()) return nullptr;
  return reinterpret_cast<FILE* (*)(const char*, const char*)>(::dlsym(RTLD_NEXT, real))(path, mode);
}

int faulty_unlink(int folder, const char* path, int flags) {
  return inject("unlink", folder, path).fails() ? -1 : static_cast<int>(::syscall(SYS_unlinkat, folder, path, flags));
}

mode_t read_mode(int flags, va_list& arguments) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = read_mode(flags, arguments);
  va_end(arguments);
  return faulty_open(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = read_mode(flags, arguments);
  va_end(arguments);
  return faulty_open(folder, path, flags, mode);
}

int open64(const char* path, int flags, ...) __attribute__((alias("open")));
int openat64(int folder, const char* path, int flags, ...) __attribute__((alias("openat")));

FILE* fopen(const char* path, const char* mode) { return faulty_open("fopen", path, mode); }
FILE* fopen64(const char* path, const char* mode) { return faulty_open("fopen64", path, mode); }

ssize_t write(int fd, const void* bytes, size_t count) {
  return faulty_write(fd, count, [&](size_t part) { return ::syscall(SYS_write, fd, bytes, part); });
}

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset) {
  return faulty_write(fd, count, [&](size_t part) { return ::syscall(SYS_pwrite64, fd, bytes, part, offset); });
}

ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t offset) { return pwrite(fd, bytes, count, offset); }

ssize_t writev(int fd, const iovec* parts, int count) {
  size_t bytes = 0;
  for (int i = 0; i < count; ++i) bytes += parts[i].iov_len;
  return faulty_write(fd, bytes, [&](size_t wanted) {
    if (wanted == bytes) return ::syscall(SYS_writev, fd, parts, count);
    const size_t first = parts[0].iov_len;
    return first == 0 ? 0L : ::syscall(SYS_write, fd, parts[0].iov_base, std::min(first, wanted));
  });
}

ssize_t sendfile(int to, int from, off_t* offset, size_t count) {
  return faulty_write(to, count, [&](size_t part) { return ::syscall(SYS_sendfile, to, from, offset, part); });
}

int fsync(int fd) { return faulty_sync(fd, SYS_fsync); }
int fdatasync(int fd) { return faulty_sync(fd, SYS_fdatasync); }

int rename(const char* from, const char* to) {
  return inject("rename", AT_FDCWD, to).fails()
             ? -1
             : static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  return inject("link", to_folder, to).fails()
             ? -1
             : static_cast<int>(::syscall(SYS_linkat, from_folder, from, to_folder, to, flags));
}

int link(const char* from, const char* to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlink(const char* path) { return faulty_unlink(AT_FDCWD, path, 0); }
int unlinkat(int folder, const char* path, int flags) { return faulty_unlink(folder, path, flags); }

int remove(const char* path) {
  struct stat status {};
  const bool is_folder = ::lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
  return faulty_unlink(AT_FDCWD, path, is_folder ? AT_REMOVEDIR : 0);
}

int mkdir(const char* path, mode_t mode) {
  return inject("mkdir", AT_FDCWD, path).fails() ? -1 : static_cast<int>(::syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

}  // extern "C"
