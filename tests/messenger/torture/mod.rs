//! Tests of the guarantees with real processes and sockets. `cargo test` runs a short form; `make torture` runs the
//! long one with the numbers of docs/reliability.md, and prints the table.

mod command_floods;
mod connection_floods;
mod costs;
mod cuts;
mod depth;
mod disk_log;
mod disk_tree;
mod faults;
mod kill;
mod malformed;
mod power;
mod power_files;
pub(crate) mod random_actions;
mod recalls;
pub(crate) mod shim;
mod slow;
mod storm;
mod upload_load;
mod uploads;

use std::path::Path;

pub(crate) use faults::{SmallDisk, small_disk};

use crate::daemon::daehwa;

/// Whether the long form runs.
pub(crate) fn is_long() -> bool {
    std::env::var_os("DAEHWA_TORTURE").is_some()
}

/// `long` in the long form, else `short`.
pub(crate) fn long_or<T>(long: T, short: T) -> T {
    if is_long() { long } else { short }
}

/// Prints a row of the table: the test, the condition to pass, the result.
pub(crate) fn row(test: &str, pass: &str, seen: &str) {
    // On a separate line, because the test runner may have begun one.
    println!("\n| {test} | {pass} | {seen} |");
}

/// Verifies all stored data with `daehwa check`; every test ends with it.
pub(crate) fn check(data: &Path) {
    let output = daehwa(data).arg("check").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The value of a percentile.
pub(crate) fn percentile(sorted: &[std::time::Duration], percent: f64) -> std::time::Duration {
    let rank = (sorted.len() as f64 * percent / 100.0).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}
