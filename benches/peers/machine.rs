//! The machine of a run, and the versions of the compared servers.

use std::{fs, path::Path, process::Command};

use crate::peer::Peer;

/// Lines for the head of a TSV file.
pub(crate) fn lines() -> Vec<String> {
    let versions = Peer::ALL.iter().filter_map(|peer| Some(format!("{} {}", peer.name(), peer.version()?)));
    let versions: Vec<String> = versions.collect();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let system = output("uname", &["-sr"], Path::new(".")).unwrap_or_default();
    let day = output("date", &["-u", "+%F %H:%M UTC"], Path::new(".")).unwrap_or_default();
    let cpu = field("/proc/cpuinfo", "model name");
    let kib: f64 = field("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse().unwrap_or_default();
    let gib = kib / 1024.0 / 1024.0;
    vec![format!("{day}; {cores} cores of {cpu}, {gib:.0} GiB, {system}"), versions.join("; ")]
}

fn field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
    value.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

/// The first line of a program's output, if the program exists and succeeds.
pub(crate) fn output(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str], directory: &Path) -> Option<String> {
    let mut command = Command::new(program);
    let output = command.args(arguments).current_dir(directory).stdin(std::process::Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| text.lines().next().unwrap_or_default().trim().to_owned())
}
