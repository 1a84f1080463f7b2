//! Faults between the program and the system: `shim.c`, compiled with the C compiler that SQLite needs anyway, and its
//! log of a simulated disk.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The library for `LD_PRELOAD`.
pub(crate) fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/messenger/torture/shim.c");
        let library = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("shim-{}.so", std::process::id()));
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .arg(&library)
            .args([source, "-ldl"])
            .status();
        assert!(compiled.unwrap().success(), "cc compiles {source}");
        library
    })
}

/// The operations on a file of the database, in order.
enum Step {
    Write { at: usize, data: Vec<u8> },
    Truncate(usize),
}

#[derive(Default)]
struct File {
    /// The content after a power cut.
    synced: Option<Vec<u8>>,
    /// Operations since the last sync.
    pending: Vec<Step>,
}

impl File {
    fn sync(&mut self) {
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
    fn keep_some(&mut self, keeps: &mut impl FnMut() -> bool) {
        self.pending.retain(|_| keeps());
        self.sync();
    }
}

/// Writes into `directory` what a disk holds after a power cut at `length` bytes of the log. `keeps` decides for each
/// unsynced write whether it reached the disk.
pub(crate) fn cut_power(log: &[u8], length: usize, directory: &Path, mut keeps: impl FnMut() -> bool) {
    let (mut database, mut wal) = (File::default(), File::default());
    let mut rest = &log[..length.min(log.len())];
    while let Some((head, after)) = rest.split_at_checked(14) {
        let number = u64::from_ne_bytes(head[2..10].try_into().unwrap()) as usize;
        let size = u32::from_ne_bytes(head[10..14].try_into().unwrap()) as usize;
        let Some((data, after)) = after.split_at_checked(size) else { break };
        rest = after;
        let file = if head[1] == b'd' { &mut database } else { &mut wal };
        match head[0] {
            b'w' => file.pending.push(Step::Write { at: number, data: data.to_vec() }),
            b't' => file.pending.push(Step::Truncate(number)),
            b's' => file.sync(),
            _ => *file = File::default(),
        }
    }
    for (mut file, name) in [(database, "daehwa.db"), (wal, "daehwa.db-wal")] {
        file.keep_some(&mut keeps);
        if let Some(bytes) = file.synced {
            std::fs::write(directory.join(name), bytes).unwrap();
        }
    }
}
