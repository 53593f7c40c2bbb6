/*
 * A power loss, for tests: writes down how long each file under $POWER_DIR was when it was last
 * synced. After the process was killed, the test cuts every file back to that length, and deletes
 * those that were never synced: what an operating system may lose that goes down with the power.
 *
 * Preloaded with LD_PRELOAD. $POWER_LOG gets a line "S SIZE PATH" for each sync, and "R FROM TO" for
 * each rename or link. With $POWER_LIE set, syncs of write-ahead logs are not written down: that is
 * the control run, which must lose events.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int log_fd = -1;
static const char *dir;

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("POWER_LOG");
  dir = getenv("POWER_DIR");
  if (path != NULL && dir != NULL)
    log_fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
}

static int within(const char *path) { return dir != NULL && strncmp(path, dir, strlen(dir)) == 0; }

static void put(const char *line, int bytes) {
  if (syscall(SYS_write, log_fd, line, bytes) != bytes) abort();
}

static void note_sync(int fd) {
  char link[64], path[PATH_MAX], line[PATH_MAX + 32];
  struct stat found;
  if (log_fd < 0) return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return;
  path[length] = 0;
  if (!within(path) || fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) return;
  if (getenv("POWER_LIE") != NULL && strstr(path, ".log") == path + length - 4) return;
  put(line, snprintf(line, sizeof line, "S %lld %s\n", (long long)found.st_size, path));
}

static void note_name(const char *from, const char *to) {
  char line[2 * PATH_MAX + 8];
  if (log_fd >= 0 && within(to)) put(line, snprintf(line, sizeof line, "R %s %s\n", from, to));
}

int fdatasync(int fd) {
  int result = syscall(SYS_fdatasync, fd);
  if (result == 0) note_sync(fd);
  return result;
}

int fsync(int fd) {
  int result = syscall(SYS_fsync, fd);
  if (result == 0) note_sync(fd);
  return result;
}

int rename(const char *from, const char *to) {
  int result = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  if (result == 0) note_name(from, to);
  return result;
}

int link(const char *from, const char *to) {
  int result = syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
  if (result == 0) note_name(from, to);
  return result;
}
