/* Preloaded: each fsync and fdatasync takes SLOW_MILLIS longer, and SLOW_MARK exists meanwhile. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int slow(long call, int fd) {
  int millis = atoi(getenv("SLOW_MILLIS"));
  struct timespec pause = {millis / 1000, millis % 1000 * 1000000L};
  int mark = open(getenv("SLOW_MARK"), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
  nanosleep(&pause, NULL);
  int result = syscall(call, fd);
  close(mark);
  unlink(getenv("SLOW_MARK"));
  return result;
}

int fsync(int fd) { return slow(SYS_fsync, fd); }
int fdatasync(int fd) { return slow(SYS_fdatasync, fd); }
