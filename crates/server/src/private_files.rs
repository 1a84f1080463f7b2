//! Files and directories that only the server's own user may read.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
};

/// Creates a file that only its owner may read, whatever the umask.
///
/// # Errors
/// If it exists, or cannot be created.
pub(crate) fn make_private(file: &Path) -> io::Result<File> {
    let made = private(OpenOptions::new().write(true).create_new(true)).open(file)?;
    keep_private(&made)?;
    Ok(made)
}

/// Syncs a directory, so that a new file in it survives a power cut.
///
/// # Errors
/// If the directory cannot be read or written.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    // Only Unix can open directories.
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

/// Creates files that only their owner may read.
#[cfg(unix)]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(unix)]
fn keep_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

/// Creates a directory and its parents if they are missing, readable by their owner alone.
///
/// # Errors
/// If it cannot be created.
#[cfg(unix)]
pub(crate) fn make_directory(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

#[cfg(not(unix))]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(not(unix))]
fn keep_private(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn make_directory(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)
}
