//! The log of a simulated disk, which `shim.c` writes, and the state of the disk after a power cut.

use std::{collections::BTreeMap, fs, path::Path};

use crate::torture::disk_tree::Tree;

/// Operations whose effect is not synced yet.
enum Step {
    Write { at: usize, data: Vec<u8> },
    Truncate(usize),
}

/// The content of a file.
#[derive(Default)]
pub(super) struct FileContent {
    /// The content after a power cut. `None`: the file is missing.
    synced: Option<Vec<u8>>,
    /// Operations since the last sync.
    pending: Vec<Step>,
}

impl FileContent {
    pub(super) fn write(&mut self, at: usize, data: &[u8]) {
        self.pending.push(Step::Write { at, data: data.to_vec() });
    }

    pub(super) fn truncate(&mut self, size: usize) {
        self.pending.push(Step::Truncate(size));
    }

    pub(super) fn sync(&mut self) {
        let bytes = self.synced.get_or_insert_default();
        for step in self.pending.drain(..) {
            match step {
                Step::Write { at, data } => {
                    bytes.resize(bytes.len().max(at + data.len()), 0);
                    bytes[at..at + data.len()].copy_from_slice(&data);
                }
                Step::Truncate(size) => bytes.resize(size, 0),
            }
        }
    }

    /// The disk may have kept some of the unsynced operations, in any order.
    pub(super) fn keep_some(&mut self, keeps: &mut impl FnMut() -> bool) {
        self.pending.retain(|_| keeps());
        self.sync();
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.synced.as_deref().unwrap_or_default()
    }
}

/// A moment of a recording: the length of the log, and how much was acknowledged before it.
pub(crate) struct Moment {
    pub(crate) log: usize,
    pub(crate) acknowledged: usize,
}

/// A log with what the server acknowledged during it.
pub(crate) struct Recording<A> {
    pub(crate) log: Vec<u8>,
    pub(crate) acknowledged: Vec<A>,
    pub(crate) moments: Vec<Moment>,
}

/// A record of the log.
struct Record<'l> {
    kind: u8,
    /// `d`: the database, `w`: its write-ahead log, `f`: below `files`.
    file: u8,
    number: usize,
    data: &'l [u8],
}

/// The first record, and the rest of the log. `None`: the log ends within the record.
fn first_record(log: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let (head, after) = log.split_at_checked(14)?;
    let number = u64::from_ne_bytes(head[2..10].try_into().unwrap()) as usize;
    let size = u32::from_ne_bytes(head[10..14].try_into().unwrap()) as usize;
    let (data, rest) = after.split_at_checked(size)?;
    Some((Record { kind: head[0], file: head[1], number, data }, rest))
}

/// Which syncs of files below `files` a replay leaves out, to show that it notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ignored {
    Nothing,
    FileSyncs,
    DirectorySyncs,
}

/// Writes into `directory` the state of a disk after a power cut at `length` bytes of the log. `keeps` decides for each
/// unsynced operation whether it reached the disk.
pub(crate) fn cut_power(log: &[u8], length: usize, directory: &Path, keeps: impl FnMut() -> bool) {
    cut_power_without(log, length, directory, keeps, Ignored::Nothing);
}

pub(crate) fn cut_power_without(
    log: &[u8],
    length: usize,
    directory: &Path,
    mut keeps: impl FnMut() -> bool,
    ignored: Ignored,
) {
    let names = BTreeMap::from([(b'd', "daehwa.db"), (b'w', "daehwa.db-wal")]);
    let mut database: BTreeMap<u8, FileContent> = names.keys().map(|file| (*file, FileContent::default())).collect();
    let mut tree = Tree::default();
    let mut rest = &log[..length.min(log.len())];
    while let Some((Record { kind, file, number, data }, after)) = first_record(rest) {
        rest = after;
        let Some(content) = database.get_mut(&file) else {
            if !matches!((kind, ignored), (b's', Ignored::FileSyncs) | (b'd', Ignored::DirectorySyncs)) {
                tree.apply(kind, number, data);
            }
            continue;
        };
        match kind {
            b'w' => content.write(number, data),
            b't' => content.truncate(number),
            b's' => content.sync(),
            _ => *content = FileContent::default(),
        }
    }
    for (file, mut content) in database {
        content.keep_some(&mut keeps);
        if let Some(bytes) = content.synced {
            fs::write(directory.join(names[&file]), bytes).unwrap();
        }
    }
    tree.write_to(directory, &mut keeps);
}
