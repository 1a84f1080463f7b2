//! The operator's own scanner: a program that gets a file's path. The program and all processes that it started are
//! killed when it has answered, or when its time is over.

use std::{io, path::Path, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    time::timeout,
};

use crate::files::not_clean::NotClean;

/// Bytes of its output that are kept; the rest is discarded.
const OUTPUT: usize = 1024;
/// How long its output may stay open after the program has ended.
const ENDING: Duration = Duration::from_secs(1);

/// Runs the program.
///
/// # Errors
/// Every result but exit status 0.
pub(super) async fn run(program: &Path, file: &Path, time_limit: Duration) -> Result<(), NotClean> {
    let mut command = Command::new(program);
    command.arg(file).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    // A program that reads hostile files must not have secrets.
    command.env_remove("AWS_SECRET_ACCESS_KEY").env_remove("AWS_SESSION_TOKEN");
    let mut child = command.spawn()?;
    let group = ProcessGroup::of(&child);
    let (output, status) = timeout(time_limit, ended(&mut child, group)).await??;
    let first_line = String::from_utf8_lossy(&output).lines().next().unwrap_or_default().trim().to_owned();
    match status.code() {
        Some(0) => Ok(()),
        Some(1) => Err(NotClean::Infected(first_line)),
        _ => Err(NotClean::Failed(format!("{status} {first_line}"))),
    }
}

/// Waits for the program's end while reading its output.
async fn ended(child: &mut Child, group: ProcessGroup) -> io::Result<(Vec<u8>, std::process::ExitStatus)> {
    let mut output = Vec::new();
    let stdout = child.stdout.take();
    let status = {
        let mut reading = std::pin::pin!(read(stdout, &mut output));
        tokio::select! {
            status = child.wait() => {
                // A process that it left behind may keep its output open.
                drop(group);
                let _ = timeout(ENDING, reading).await;
                status
            }
            () = reading.as_mut() => child.wait().await,
        }
    };
    Ok((output, status?))
}

async fn read(output: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut output) = output else { return };
    let mut piece = [0; 4096];
    while let Ok(read @ 1..) = output.read(&mut piece).await {
        let room = OUTPUT - kept.len();
        kept.extend_from_slice(&piece[..read.min(room)]);
    }
}

/// A program and its process group, killed when this is dropped.
struct ProcessGroup(#[cfg(unix)] Option<rustix::process::Pid>);

#[cfg(unix)]
impl ProcessGroup {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?)))
    }
}

#[cfg(unix)]
impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // An empty process group is not an error.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(not(unix))]
impl ProcessGroup {
    fn of(_: &Child) -> Self {
        Self()
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, time::Instant};

    use super::*;

    /// The result of a script, how long it took, and whether the process that it left behind is gone.
    async fn run_script(script: &str, time_limit: Duration) -> (Result<(), NotClean>, Duration, bool) {
        let folder = tempfile::tempdir().unwrap();
        let (program, pid) = (folder.path().join("scan.sh"), folder.path().join("pid"));
        fs::write(&program, format!("#!/bin/sh\nsleep 600 &\necho $! > {}\n{script}\n", pid.display())).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        let begun = Instant::now();
        let outcome = run(&program, &program, time_limit).await;
        let took = begun.elapsed();
        let left = fs::read_to_string(pid).unwrap();
        let is_gone = || {
            let stat = fs::read_to_string(format!("/proc/{}/stat", left.trim()));
            // Killed, and not yet reaped by its new parent.
            stat.map_or(true, |stat| stat.contains(") Z "))
        };
        while !is_gone() && begun.elapsed() < took + Duration::from_secs(5) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        (outcome, took, is_gone())
    }

    #[tokio::test]
    async fn nothing_that_a_scanner_started_outlives_it() {
        let time_limit = Duration::from_secs(20);
        let (clean, took, is_gone) = run_script("exit 0", time_limit).await;
        assert!(clean.is_ok() && took < Duration::from_secs(10) && is_gone, "{clean:?} {took:?} {is_gone}");
        let (found, _, is_gone) = run_script("echo Found.It; exit 1", time_limit).await;
        assert!(is_gone && matches!(found, Err(NotClean::Infected(name)) if name == "Found.It"));
        let (slow, took, is_gone) = run_script("sleep 600", Duration::from_millis(500)).await;
        assert!(matches!(slow, Err(NotClean::Slow(_))) && took < Duration::from_secs(10) && is_gone, "{is_gone}");
    }

    #[tokio::test]
    async fn a_scanner_that_talks_without_end_takes_no_memory() {
        let (outcome, ..) = run_script("yes | head -c 50000000; exit 2", Duration::from_secs(20)).await;
        assert!(matches!(outcome, Err(NotClean::Failed(words)) if words.len() < 100));
    }
}
