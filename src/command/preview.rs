//! `daehwa preview`: examines the one file on its standard input and writes the report to its standard output. The
//! server runs it on every upload, so that a hostile file can only end this process.

use std::io::{self, BufReader, BufWriter};

use super::{
    output::CommandResult,
    words::{self, language},
};

/// Examines the file on standard input. `original`: its sender wants the original file.
///
/// # Errors
/// If standard input is not a file, or standard output is closed.
pub fn preview(original: bool) -> CommandResult {
    let looked = restricted_input().and_then(|file| {
        let mut to = BufWriter::new(io::stdout().lock());
        media::report::report(&mut BufReader::new(file), original, &mut to)
    });
    looked.map_err(|error| words::error(language(), &error))
}

/// Standard input as a file. From here on the process may open nothing, write only its output, and use few resources.
#[cfg(unix)]
fn restricted_input() -> io::Result<std::fs::File> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    use std::os::fd::AsFd;

    /// Bytes of address space.
    const MEMORY: u64 = 512 * 1024 * 1024;
    /// Seconds of processor time, for a file of ordinary size.
    const SECONDS: u64 = 5;
    /// A film takes longer, because it is copied without its metadata: one more second for this many bytes.
    const BYTES_PER_SECOND: u64 = 100 * 1024 * 1024;

    let file = std::fs::File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let seconds = SECONDS + file.metadata()?.len() / BYTES_PER_SECOND;
    // The process limits itself before it reads the first byte, because limits set by the server would come too late.
    for (resource, limit) in [
        (Resource::As, MEMORY),
        (Resource::Cpu, seconds),
        (Resource::Nofile, 0),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ] {
        setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    }
    Ok(file)
}

#[cfg(not(unix))]
fn restricted_input() -> io::Result<std::fs::File> {
    use std::os::windows::io::AsHandle;
    Ok(std::fs::File::from(io::stdin().as_handle().try_clone_to_owned()?))
}
