//! `daehwa preview`: looks into the one file on its standard input and writes the report to its standard output. The
//! server runs it on every upload, so that a hostile file ends this process and no other.

use std::io::{self, BufReader, BufWriter};

use super::{
    output::CommandResult,
    words::{self, language},
};

/// Reads a report's worth of the file on standard input. `original`: its sender wants it as it is.
///
/// # Errors
/// When standard input is not a file, or standard output is closed.
pub fn preview(original: bool) -> CommandResult {
    let looked = restricted_input().and_then(|file| {
        let mut to = BufWriter::new(io::stdout().lock());
        media::report::report(&mut BufReader::new(file), original, &mut to)
    });
    looked.map_err(|error| words::error(language(), &error))
}

/// Standard input as a file; from here on the process may open nothing, write nothing but its output, and use little.
#[cfg(unix)]
fn restricted_input() -> io::Result<std::fs::File> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    use std::os::fd::AsFd;

    /// Bytes of address space.
    const MEMORY: u64 = 512 * 1024 * 1024;
    /// Of processor time, for a file of ordinary size.
    const SECONDS: u64 = 5;
    /// A film is copied without its places: each second more is for so many bytes.
    const BYTES_PER_SECOND: u64 = 100 * 1024 * 1024;

    let file = std::fs::File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let seconds = SECONDS + file.metadata()?.len() / BYTES_PER_SECOND;
    // The process limits itself before it reads the first byte: a limit that the server sets from outside comes late.
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
