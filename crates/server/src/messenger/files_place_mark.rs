//! The mark of a data directory that is the place of the files of a shared database: `files/place`. It lies beside the
//! blobs, so that a copy of the directory `files` has it, too.

use std::{
    fs,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use crate::{
    model::Fault,
    private_files::{make_directory, make_private, sync_directory},
};

/// A line each: the id of the place, and the database that has its files here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FilesPlaceMark {
    pub(super) id: String,
    pub(super) database: String,
}

/// The path of the mark.
pub(super) fn mark_path(data: &Path) -> PathBuf {
    data.join("files").join("place")
}

/// The mark of a data directory; `None` if no node of a shared database had its files here.
///
/// # Errors
/// If it cannot be read.
pub(super) fn read_mark(data: &Path) -> Result<Option<FilesPlaceMark>, Fault> {
    let read = || {
        let text = match fs::read_to_string(mark_path(data)) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut lines = text.lines().map(str::to_owned);
        let mark = lines.next().zip(lines.next()).map(|(id, database)| FilesPlaceMark { id, database });
        mark.map(Some).ok_or_else(|| ErrorKind::InvalidData.into())
    };
    read().map_err(|error: io::Error| Fault::File { path: mark_path(data), error })
}

/// Marks a data directory for a database, unless it has a mark. Of two nodes that mark it at once, one succeeds. Returns
/// the mark.
///
/// # Errors
/// If it cannot be written.
pub(super) fn mark(data: &Path, database: &str) -> Result<FilesPlaceMark, Fault> {
    let failed = |error| Fault::File { path: mark_path(data), error };
    write_new(data, database).map_err(failed)?;
    read_mark(data)?.ok_or_else(|| failed(ErrorKind::NotFound.into()))
}

fn write_new(data: &Path, database: &str) -> io::Result<()> {
    let (path, id) = (mark_path(data), Uuid::new_v4());
    let directory = path.parent().unwrap_or(data);
    make_directory(directory)?;
    let part = path.with_extension(format!("{id}.part"));
    let mut file = make_private(&part)?;
    writeln!(file, "{id}\n{database}")?;
    file.sync_all()?;
    // A link never replaces a file; a file system without links has no other way.
    let linked = match fs::hard_link(&part, &path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists && !path.try_exists()? => fs::rename(&part, &path),
        _ => fs::remove_file(&part),
    };
    linked?;
    sync_directory(directory)?;
    sync_directory(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_keeps_its_first_mark() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(read_mark(data.path()).unwrap(), None);
        let first = mark(data.path(), "7 16384").unwrap();
        assert_eq!(first.database, "7 16384");
        assert_eq!(mark(data.path(), "8 5").unwrap(), first);
        let left = fs::read_dir(data.path().join("files")).unwrap().count();
        assert_eq!(left, 1, "no part remains");
    }
}
