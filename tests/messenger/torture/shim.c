/* Simulates a disk between the program and its files, and a system without randomness (LD_PRELOAD), for tests only.
 * DAEHWA_DISK_LOG=FILE:   every write, truncation, removal and sync of the database's files is appended to
 *                         FILE, so that a power cut can be replayed: unsynced writes are lost.
 * DAEHWA_DISK_FAULT=FILE: while FILE exists, writes and syncs fail with the errno in it.
 * DAEHWA_DIRECTORY_LOG=FILE: the path of every directory that is synced is appended to FILE, a line each.
 * DAEHWA_RANDOM_FAULT=FILE: while FILE exists, getrandom fails with the errno in it.
 * A record: kind (w, t, u, s), file (d: database, w: write-ahead log), offset or length (8 bytes), size of
 * the data (4 bytes), the data. Numbers in native byte order. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static char which_path(const char *path) {
    const char *name = strstr(path, "/daehwa.db");
    if (!name) return 0;
    name += strlen("/daehwa.db");
    if (*name == 0) return 'd';
    return strcmp(name, "-wal") == 0 ? 'w' : 0;
}

static char which(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return which_path(path);
}

static int fault(const char *variable) {
    const char *file = getenv(variable);
    if (!file) return 0;
    int fd = open(file, O_RDONLY);
    if (fd < 0) return 0;
    char text[16] = {0};
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    return length > 0 ? atoi(text) : 0;
}

static void record(char kind, char file, uint64_t at, const void *data, uint32_t size) {
    static int log = -2;
    static ssize_t (*write_)(int, const void *, size_t);
    if (log == -2) {
        const char *path = getenv("DAEHWA_DISK_LOG");
        log = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
        write_ = dlsym(RTLD_NEXT, "write");
    }
    if (log < 0) return;
    char head[14];
    head[0] = kind;
    head[1] = file;
    memcpy(head + 2, &at, 8);
    memcpy(head + 10, &size, 4);
    if (write_(log, head, sizeof head) < 0 || (size && write_(log, data, size) < 0)) abort();
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define FAIL(error) do { errno = error; return -1; } while (0)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    char file = which(fd);
    if (!file) return real(fd, data, size);
    int error = fault("DAEHWA_DISK_FAULT");
    if (error) FAIL(error);
    pthread_mutex_lock(&turn);
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t done = real(fd, data, size);
    if (done > 0) record('w', file, at, data, done);
    pthread_mutex_unlock(&turn);
    return done;
}

#define PWRITE(name, offset) \
ssize_t name(int fd, const void *data, size_t size, offset at) { \
    REAL(name); \
    char file = which(fd); \
    if (!file) return real(fd, data, size, at); \
    int error = fault("DAEHWA_DISK_FAULT"); \
    if (error) FAIL(error); \
    pthread_mutex_lock(&turn); \
    ssize_t done = real(fd, data, size, at); \
    if (done > 0) record('w', file, at, data, done); \
    pthread_mutex_unlock(&turn); \
    return done; \
}
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define TRUNCATE(name, offset) \
int name(int fd, offset size) { \
    REAL(name); \
    char file = which(fd); \
    if (!file) return real(fd, size); \
    pthread_mutex_lock(&turn); \
    int done = real(fd, size); \
    if (done == 0) record('t', file, size, NULL, 0); \
    pthread_mutex_unlock(&turn); \
    return done; \
}
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

static int is_directory(int fd) {
    struct stat about;
    return fstat(fd, &about) == 0 && S_ISDIR(about.st_mode);
}

static void record_directory(int fd) {
    const char *log = getenv("DAEHWA_DIRECTORY_LOG");
    if (!log || !is_directory(fd)) return;
    char link[64], path[4097];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return;
    path[length++] = '\n';
    int to = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (to < 0 || write(to, path, length) < 0) abort();
    close(to);
}

#define SYNC(name) \
int name(int fd) { \
    REAL(name); \
    record_directory(fd); \
    char file = which(fd); \
    if (!file) return real(fd); \
    int error = fault("DAEHWA_DISK_FAULT"); \
    if (error) FAIL(error); \
    int done = real(fd); \
    pthread_mutex_lock(&turn); \
    if (done == 0) record('s', file, 0, NULL, 0); \
    pthread_mutex_unlock(&turn); \
    return done; \
}
SYNC(fdatasync)
SYNC(fsync)

int unlink(const char *path) {
    REAL(unlink);
    char file = which_path(path);
    pthread_mutex_lock(&turn);
    int done = real(path);
    if (done == 0 && file) record('u', file, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}

ssize_t getrandom(void *bytes, size_t size, unsigned flags) {
    REAL(getrandom);
    int error = fault("DAEHWA_RANDOM_FAULT");
    if (error) FAIL(error);
    return real(bytes, size, flags);
}
