//! Settings of a run from the environment, and limits of the machine.

use std::{env, path::PathBuf};

use rustix::process::{Resource, getrlimit, setrlimit};

/// Open files of a process apart from its connections.
const OTHER_FILES: usize = 200;

/// A number from the environment.
pub(crate) fn number(name: &str, otherwise: usize) -> usize {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// Comma-separated numbers from the environment.
pub(crate) fn numbers(name: &str, otherwise: &str) -> Vec<usize> {
    let value = env::var(name).unwrap_or_else(|_| otherwise.to_owned());
    value.split(',').filter_map(|number| number.trim().parse().ok()).collect()
}

/// Whether to run this part: all run, unless `BENCH_ONLY` names some.
pub(crate) fn wants(part: &str) -> bool {
    env::var("BENCH_ONLY").map_or(true, |parts| parts.split(',').any(|named| named.trim() == part))
}

/// A path from the environment, absolute or below the crate's directory.
pub(crate) fn path(name: &str, otherwise: &str) -> PathBuf {
    let path = env::var_os(name).map_or_else(|| PathBuf::from(otherwise), PathBuf::from);
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The largest number of connections of this process and of each server: the limit of open files.
pub(crate) fn most_connections() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If the limit cannot be raised, the current one counts.
    let _ = setrlimit(Resource::Nofile, limit);
    let files = getrlimit(Resource::Nofile).current.map_or(usize::MAX, |files| files as usize);
    files.saturating_sub(OTHER_FILES)
}
