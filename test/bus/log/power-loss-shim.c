/*
 * A power loss, for tests: writes down how long each file under $POWER_DIR was when it was last
 * synced. After the process was killed, the test cuts every file back to that length, and deletes
 * those that were never synced: what an operating system may lose that goes down with the power.
 *
 * Preloaded with LD_PRELOAD. $POWER_LOG gets one line a sync: SIZE PATH. With $POWER_LIE set, syncs
 * are not written down: the control run, which must lose events.
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

static void note(int fd) {
  char link[64], path[PATH_MAX], line[PATH_MAX + 32];
  struct stat found;
  if (log_fd < 0) return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return;
  path[length] = 0;
  if (strncmp(path, dir, strlen(dir)) != 0 || fstat(fd, &found) != 0) return;
  if (!S_ISREG(found.st_mode)) return;
  if (getenv("POWER_LIE") != NULL && strstr(path, ".log") != NULL) return;
  int bytes = snprintf(line, sizeof line, "%lld %s\n", (long long)found.st_size, path);
  if (syscall(SYS_write, log_fd, line, bytes) != bytes) abort();
}

int fdatasync(int fd) {
  int result = syscall(SYS_fdatasync, fd);
  if (result == 0) note(fd);
  return result;
}

int fsync(int fd) {
  int result = syscall(SYS_fsync, fd);
  if (result == 0) note(fd);
  return result;
}
