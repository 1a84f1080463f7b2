//! The free space of a directory's file system.

use std::{io, path::Path};

/// Bytes of a file system that the server's user can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    pub used: u64,
    pub available: u64,
}

impl DiskSpace {
    /// The space of the file system that holds a directory; `None` if the system does not report it.
    ///
    /// # Errors
    /// If the directory cannot be read.
    #[cfg(unix)]
    pub fn of(directory: &Path) -> io::Result<Option<Self>> {
        let system = rustix::fs::statvfs(directory)?;
        let bytes = |blocks: u64| blocks.saturating_mul(system.f_frsize);
        let used = bytes(system.f_blocks.saturating_sub(system.f_bfree));
        Ok(Some(Self { used, available: bytes(system.f_bavail) }))
    }

    #[cfg(not(unix))]
    pub fn of(_: &Path) -> io::Result<Option<Self>> {
        Ok(None)
    }

    /// Whether this many more bytes keep the file system within this share of its size.
    pub fn has_space(self, bytes: u64, percent: u8) -> bool {
        let all = u128::from(self.used) + u128::from(self.available);
        let then = u128::from(self.used) + u128::from(bytes);
        then * 100 <= all * u128::from(percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_has_room_up_to_its_watermark() {
        let disk = DiskSpace { used: 800, available: 200 };
        assert!(disk.has_space(100, 90) && !disk.has_space(101, 90));
        assert!(disk.has_space(200, 100) && !disk.has_space(201, 100));
        assert!(!disk.has_space(0, 79) && !disk.has_space(u64::MAX, 100));
        let here = DiskSpace::of(&std::env::temp_dir()).unwrap();
        assert!(here.is_none_or(|here| here.used > 0 && !here.has_space(0, 0)));
    }
}
