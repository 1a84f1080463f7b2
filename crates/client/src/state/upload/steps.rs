//! The announcements of uploads for screen readers: a fault, each quarter of a long upload, and the end. Not each
//! percent.

use crate::state::upload::{Phase, UploadQueue};
use protocol::ids::RoomId;

/// Bytes from which on each quarter is announced.
const LONG: u64 = 4 << 20;

/// The last announced progress.
#[derive(Debug, Default)]
pub struct UploadSteps {
    quarter: u64,
    /// The keys of the uploads whose fault was announced.
    failed: Vec<u32>,
    was_busy: bool,
}

impl UploadSteps {
    /// The next announcement: the name of a failed file, or the percentage of all files of the room.
    pub fn next(&mut self, uploads: &UploadQueue, room: RoomId) -> Option<(Option<String>, u64)> {
        let all = || uploads.all_of(room);
        self.failed.retain(|key| all().any(|upload| upload.key == *key && matches!(upload.phase, Phase::Failed(_))));
        let failed =
            all().find(|upload| matches!(upload.phase, Phase::Failed(_)) && !self.failed.contains(&upload.key));
        if let Some(upload) = failed {
            self.failed.push(upload.key);
            return Some((Some(upload.file.name.clone()), 0));
        }
        let is_busy = all().any(|upload| matches!(upload.phase, Phase::Waiting | Phase::Running));
        if !is_busy {
            self.quarter = 0;
            let was_busy = std::mem::take(&mut self.was_busy);
            let is_all_there = all().count() > 0 && all().all(|upload| matches!(upload.phase, Phase::Done(_)));
            return (was_busy && is_all_there).then_some((None, 100));
        }
        self.was_busy = true;
        let (sent, size) = all().fold((0, 0), |(sent, size), upload| (sent + upload.sent(), size + upload.file.size));
        let quarter = if size < LONG { 0 } else { sent * 4 / size };
        let is_next = quarter > self.quarter && quarter < 4;
        self.quarter = quarter;
        is_next.then_some((None, quarter * 25))
    }
}
