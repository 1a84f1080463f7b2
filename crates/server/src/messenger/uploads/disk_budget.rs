//! The free space of the disk up to the watermark. Admitted bytes count until they are written, so parallel uploads are
//! not admitted to the same space.

use std::{io, path::PathBuf, sync::Arc};

use parking_lot::Mutex;

use crate::files::DiskSpace;
use protocol::error::Refusal;

/// After this many bytes the free space is read again, because other programs write to the disk, too.
const CHECK_INTERVAL: u64 = 4 * 1024 * 1024;

type Measure = Box<dyn Fn() -> io::Result<Option<DiskSpace>> + Send + Sync>;

/// Admits bytes to the disk.
#[derive(Clone)]
pub(super) struct DiskBudget(Arc<WatchedDisk>);

struct WatchedDisk {
    /// The share of the disk that files may fill, in percent; `None` for no limit.
    watermark: Option<u8>,
    measure: Measure,
    /// Bytes that are admitted and not yet written.
    admitted: Mutex<u64>,
}

/// Bytes that may be written. Dropping it releases those that were not written.
pub(super) struct DiskReservation {
    disk: DiskBudget,
    left: u64,
    /// Bytes written since the free space was read.
    unseen: u64,
}

impl DiskBudget {
    /// The free space on the disk of this directory; `watermark`: 0 means no limit.
    pub(super) fn new(directory: PathBuf, watermark: u8) -> Self {
        Self::measured(Box::new(move || DiskSpace::of(&directory)), watermark)
    }

    fn measured(measure: Measure, watermark: u8) -> Self {
        let watermark = (watermark > 0).then_some(watermark);
        Self(Arc::new(WatchedDisk { watermark, measure, admitted: Mutex::default() }))
    }

    /// Whether this many more bytes would be admitted now.
    ///
    /// # Errors
    /// [`Refusal::DiskFull`] if they would not.
    pub(super) fn check(&self, bytes: u64) -> Result<(), Refusal> {
        self.admit(bytes).map(drop)
    }

    /// Admits this many more bytes.
    ///
    /// # Errors
    /// [`Refusal::DiskFull`] if they would pass the watermark together with the admitted ones.
    pub(super) fn admit(&self, bytes: u64) -> Result<DiskReservation, Refusal> {
        let mut admitted = self.0.admitted.lock();
        let all = admitted.saturating_add(bytes);
        self.has_space(all)?;
        *admitted = all;
        Ok(DiskReservation { disk: self.clone(), left: bytes, unseen: 0 })
    }

    fn has_space(&self, bytes: u64) -> Result<(), Refusal> {
        let Some(watermark) = self.0.watermark else { return Ok(()) };
        match (self.0.measure)() {
            Ok(Some(space)) if !space.has_space(bytes, watermark) => Err(Refusal::DiskFull),
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::error!(%error, "the free space of the disk cannot be read");
                Err(Refusal::Unavailable)
            }
        }
    }
}

impl DiskReservation {
    /// Counts bytes that were written.
    ///
    /// # Errors
    /// [`Refusal::DiskFull`] if the disk has filled up meanwhile.
    pub(super) fn wrote(&mut self, bytes: u64) -> Result<(), Refusal> {
        self.give_back(bytes);
        self.unseen += bytes;
        if self.unseen < CHECK_INTERVAL {
            return Ok(());
        }
        self.unseen = 0;
        let admitted = *self.disk.0.admitted.lock();
        self.disk.has_space(admitted)
    }

    fn give_back(&mut self, bytes: u64) {
        let bytes = bytes.min(self.left);
        self.left -= bytes;
        *self.disk.0.admitted.lock() -= bytes;
    }
}

impl Drop for DiskReservation {
    fn drop(&mut self) {
        self.give_back(self.left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    /// A disk of 1,000 MiB with a watermark of 90 percent and this many MiB used.
    fn disk(used: u64) -> (DiskBudget, Arc<Mutex<u64>>) {
        let used = Arc::new(Mutex::new(used * MIB));
        let seen = used.clone();
        let measure = move || {
            let used = *seen.lock();
            Ok(Some(DiskSpace { used, available: 1_000 * MIB - used }))
        };
        (DiskBudget::measured(Box::new(measure), 90), used)
    }

    #[test]
    fn admitted_bytes_count_before_they_are_written_and_written_ones_once() {
        let (budget, used) = disk(800);
        let mut reservations: Vec<_> = (0..20).filter_map(|_| budget.admit(20 * MIB).ok()).collect();
        assert_eq!(reservations.len(), 5, "100 MiB are left up to the watermark");
        assert!(budget.check(1).is_err());
        // The first upload is written; the second is interrupted in the middle.
        *used.lock() += 20 * MIB;
        assert!(reservations[0].wrote(20 * MIB).is_ok() && budget.check(1).is_err());
        *used.lock() += 10 * MIB;
        assert!(reservations[1].wrote(10 * MIB).is_ok());
        drop(reservations.remove(1));
        assert!(budget.check(10 * MIB).is_ok() && budget.check(10 * MIB + 1).is_err());
        drop(reservations);
        assert_eq!(*budget.0.admitted.lock(), 0);
    }

    #[test]
    fn an_upload_ends_when_others_fill_the_disk() {
        let (budget, used) = disk(800);
        let mut reservation = budget.admit(50 * MIB).unwrap();
        assert!(reservation.wrote(MIB).is_ok());
        *used.lock() = 895 * MIB;
        assert!(reservation.wrote(1).is_ok(), "it is not asked for each piece");
        assert_eq!(reservation.wrote(CHECK_INTERVAL), Err(Refusal::DiskFull));
    }

    #[test]
    fn without_a_watermark_everything_is_admitted() {
        let budget = DiskBudget::measured(Box::new(|| Ok(Some(DiskSpace { used: 1, available: 0 }))), 0);
        assert!(budget.admit(u64::MAX).is_ok());
    }
}
