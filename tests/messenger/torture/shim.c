/* Simulates a disk between the program and its files, and a system without randomness (LD_PRELOAD), for tests only.
 * DAEHWA_DISK_LOG=FILE:   every write, truncation, removal and sync of the database's files and below data/files is
 *                         appended to FILE, so that a power cut can be replayed: unsynced writes are lost.
 * DAEHWA_DISK_FAULT=FILE: while FILE exists, writes and syncs fail with the errno in it.
 * DAEHWA_DIRECTORY_LOG=FILE: the path of every directory that is synced is appended to FILE, a line each.
 * DAEHWA_RANDOM_FAULT=FILE: while FILE exists, getrandom fails with the errno in it.
 * A record: kind (w, t, u, s), file (d: database, w: write-ahead log, f: below data/files), offset or length (8 bytes),
 * size of the data (4 bytes), the data. Numbers in native byte order. For f there are more kinds: c (created), l (linked),
 * r (renamed), m (directory made), d (directory synced); the data is inode (8 bytes), length of the path (2 bytes), the
 * path from "files" on, and then what was written (w) or the path before (r). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
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

/* The part of a path from "files" on, if it lies in the directory of files. */
static const char *stored_path(const char *path) {
    const char *files = strstr(path, "/data/files");
    if (!files) return NULL;
    files += strlen("/data/");
    return files[5] == 0 || files[5] == '/' ? files : NULL;
}

/* The same of an open file, in `path`, which has 4096 bytes. */
static const char *stored(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, 4095);
    if (length <= 0) return NULL;
    path[length] = 0;
    return stored_path(path);
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
    /* One write: the processes that make previews append, too. */
    char *record = malloc(14 + (size_t)size);
    if (!record) abort();
    record[0] = kind;
    record[1] = file;
    memcpy(record + 2, &at, 8);
    memcpy(record + 10, &size, 4);
    if (size) memcpy(record + 14, data, size);
    if (write_(log, record, 14 + (size_t)size) < 0) abort();
    free(record);
}

static void record_stored(char kind, const char *path, uint64_t inode, uint64_t at, const void *data, uint32_t size) {
    uint16_t length = strlen(path);
    char *all = malloc(10 + (size_t)length + size);
    if (!all) abort();
    memcpy(all, &inode, 8);
    memcpy(all + 8, &length, 2);
    memcpy(all + 10, path, length);
    if (size) memcpy(all + 10 + length, data, size);
    record(kind, 'f', at, all, 10 + length + size);
    free(all);
}

static uint64_t inode_of(int fd) {
    struct stat about;
    return fstat(fd, &about) == 0 ? about.st_ino : 0;
}

static uint64_t inode_at(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 ? about.st_ino : 0;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define FAIL(error) do { errno = error; return -1; } while (0)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    char file = which(fd), path[4096];
    const char *in_files = file ? NULL : stored(fd, path);
    if (in_files) {
        pthread_mutex_lock(&turn);
        ssize_t done = real(fd, data, size);
        /* Read afterwards: it may be open for appending. */
        off_t end = lseek(fd, 0, SEEK_CUR);
        if (done > 0) record_stored('w', in_files, inode_of(fd), end - done, data, done);
        pthread_mutex_unlock(&turn);
        return done;
    }
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
    char file = which(fd), path[4096]; \
    const char *in_files = file ? NULL : stored(fd, path); \
    if (!file && !in_files) return real(fd, size); \
    pthread_mutex_lock(&turn); \
    int done = real(fd, size); \
    if (done == 0 && file) record('t', file, size, NULL, 0); \
    if (done == 0 && in_files) record_stored('t', in_files, inode_of(fd), size, NULL, 0); \
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
    char file = which(fd), path[4096]; \
    const char *in_files = file ? NULL : stored(fd, path); \
    if (in_files) { \
        int done = real(fd); \
        pthread_mutex_lock(&turn); \
        if (done == 0) record_stored(is_directory(fd) ? 'd' : 's', in_files, inode_of(fd), 0, NULL, 0); \
        pthread_mutex_unlock(&turn); \
        return done; \
    } \
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
    const char *in_files = file ? NULL : stored_path(path);
    pthread_mutex_lock(&turn);
    uint64_t inode = in_files ? inode_at(path) : 0;
    int done = real(path);
    if (done == 0 && file) record('u', file, 0, NULL, 0);
    if (done == 0 && in_files) record_stored('u', in_files, inode, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}

#define OPEN(name) \
int name(const char *path, int flags, ...) { \
    REAL(name); \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
    va_end(more); \
    const char *in_files = flags & O_CREAT ? stored_path(path) : NULL; \
    if (!in_files) return real(path, flags, mode); \
    pthread_mutex_lock(&turn); \
    int is_new = access(path, F_OK) != 0; \
    int fd = real(path, flags, mode); \
    if (fd >= 0 && is_new) record_stored('c', in_files, inode_of(fd), 0, NULL, 0); \
    if (fd >= 0 && flags & O_TRUNC) record_stored('t', in_files, inode_of(fd), 0, NULL, 0); \
    pthread_mutex_unlock(&turn); \
    return fd; \
}
OPEN(open)
OPEN(open64)

int linkat(int from_in, const char *from, int to_in, const char *to, int flags) {
    REAL(linkat);
    const char *in_files = stored_path(to);
    pthread_mutex_lock(&turn);
    int done = real(from_in, from, to_in, to, flags);
    if (done == 0 && in_files) record_stored('l', in_files, inode_at(to), 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}

int rename(const char *from, const char *to) {
    REAL(rename);
    const char *before = stored_path(from), *in_files = stored_path(to);
    pthread_mutex_lock(&turn);
    int done = real(from, to);
    if (done == 0 && before && in_files) record_stored('r', in_files, inode_at(to), 0, before, strlen(before));
    pthread_mutex_unlock(&turn);
    return done;
}

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    const char *in_files = stored_path(path);
    pthread_mutex_lock(&turn);
    int done = real(path, mode);
    if (done == 0 && in_files) record_stored('m', in_files, inode_at(path), 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}

ssize_t getrandom(void *bytes, size_t size, unsigned flags) {
    REAL(getrandom);
    int error = fault("DAEHWA_RANDOM_FAULT");
    if (error) FAIL(error);
    return real(bytes, size, flags);
}
