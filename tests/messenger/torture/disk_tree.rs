//! The directory of files on a simulated disk. A name is on the disk once its directory was synced, a content once its
//! file was synced, independently of each other.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use crate::torture::disk_log::FileContent;

/// The target of a name.
#[derive(Clone, Copy)]
enum TreeEntry {
    Directory,
    /// The index of its content.
    File(usize),
}

#[derive(Default)]
pub(super) struct Tree {
    contents: Vec<FileContent>,
    /// The contents of the inodes that have a name. The system may reuse the number of a removed inode.
    inodes: HashMap<u64, usize>,
    /// The names that programs see, by path.
    names: BTreeMap<String, TreeEntry>,
    /// The names on the disk.
    synced: BTreeMap<String, TreeEntry>,
    /// Changes of names since their directory's last sync, in order. `None`: removed.
    pending: Vec<(String, Option<TreeEntry>)>,
}

impl Tree {
    /// Applies a record of the log (`shim.c` describes it).
    pub(super) fn apply(&mut self, kind: u8, number: usize, data: &[u8]) {
        let inode = u64::from_ne_bytes(data[..8].try_into().unwrap());
        let length = u16::from_ne_bytes(data[8..10].try_into().unwrap()) as usize;
        let (path, data) = data[10..].split_at(length);
        let path = String::from_utf8(path.to_vec()).unwrap();
        match kind {
            b'c' => {
                self.contents.push(FileContent::default());
                self.inodes.insert(inode, self.contents.len() - 1);
                self.name(path, TreeEntry::File(self.contents.len() - 1));
            }
            b'w' => self.content(inode).write(number, data),
            b't' => self.content(inode).truncate(number),
            b's' => self.content(inode).sync(),
            b'd' => self.sync_directory(&path),
            b'l' => self.name(path, TreeEntry::File(self.inodes[&inode])),
            b'r' => {
                self.remove(String::from_utf8(data.to_vec()).unwrap());
                self.name(path, TreeEntry::File(self.inodes[&inode]));
            }
            b'u' => {
                self.remove(path);
                let index = self.inodes[&inode];
                if !self.names.values().any(|entry| matches!(entry, TreeEntry::File(other) if *other == index)) {
                    self.inodes.remove(&inode);
                }
            }
            b'm' => self.name(path, TreeEntry::Directory),
            kind => panic!("a record of kind {kind}"),
        }
    }

    fn content(&mut self, inode: u64) -> &mut FileContent {
        &mut self.contents[self.inodes[&inode]]
    }

    fn name(&mut self, path: String, entry: TreeEntry) {
        self.names.insert(path.clone(), entry);
        if path.contains('/') {
            self.pending.push((path, Some(entry)));
        } else {
            // The root. Its name is in the data directory, whose syncs are not in the log.
            self.synced.insert(path, entry);
        }
    }

    fn remove(&mut self, path: String) {
        self.names.remove(&path);
        self.pending.push((path, None));
    }

    fn sync_directory(&mut self, directory: &str) {
        let is_in = |path: &str| path.rsplit_once('/').is_some_and(|(parent, _)| parent == directory);
        let (done, pending) = std::mem::take(&mut self.pending).into_iter().partition(|(path, _)| is_in(path));
        self.pending = pending;
        self.keep(done);
    }

    fn keep(&mut self, changes: Vec<(String, Option<TreeEntry>)>) {
        for (path, entry) in changes {
            match entry {
                Some(entry) => drop(self.synced.insert(path, entry)),
                None => drop(self.synced.remove(&path)),
            }
        }
    }

    /// Writes the state of the disk. `keeps` decides for each unsynced operation whether it reached the disk.
    pub(super) fn write_to(mut self, directory: &Path, keeps: &mut impl FnMut() -> bool) {
        let mut pending = std::mem::take(&mut self.pending);
        pending.retain(|_| keeps());
        self.keep(pending);
        self.contents.iter_mut().for_each(|content| content.keep_some(keeps));
        for (path, entry) in self.synced {
            let path = directory.join(path);
            match entry {
                _ if path.parent().is_none_or(|parent| parent != directory && !parent.is_dir()) => {}
                TreeEntry::Directory => fs::create_dir_all(path).unwrap(),
                TreeEntry::File(index) => fs::write(path, self.contents[index].bytes()).unwrap(),
            }
        }
    }
}
