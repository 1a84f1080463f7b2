//! The operator's limits and permissions, and the result type of the domain layer.

use std::path::PathBuf;

use crate::{
    files::{FileBucket, Scanner},
    messenger::rate_clock::RateClock,
    model::{DatabaseUrl, Durability, Quotas},
};
use protocol::error::Refusal;

/// The answer of a service, or its refusal.
pub type Result<T> = std::result::Result<T, Refusal>;

/// The limits and permissions that the operator sets. 0 means no limit.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Whether strangers may register; the first account may always register.
    pub registration_open: bool,
    /// Whether the sign-in page lists the logins of the demonstration.
    pub demo: bool,
    pub max_sockets_per_user: usize,
    pub max_sockets_per_address: usize,
    /// The number of users up to which every main window receives all of them.
    pub list_everybody: u32,
    pub messages_per_second: u32,
    pub connections_per_minute: u32,
    pub sign_ins_per_minute: u32,
    /// For how many minutes after it was sent a message may be edited.
    pub edit_minutes: u32,
    /// For how many minutes after it was sent a message may be recalled.
    pub recall_minutes: u32,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of the files of one user.
    pub bytes_per_person: u64,
    /// Bytes of all files.
    pub all_file_bytes: u64,
    /// The share of the disk up to which files are accepted, in percent.
    pub disk_watermark: u8,
    /// The program whose command `preview` examines uploads. `None`: no upload is examined, and each file is of unknown
    /// kind.
    pub examiner: Option<PathBuf>,
    /// The malware scanner for uploads.
    pub scanner: Option<Scanner>,
    /// The bucket for blobs. `None`: they are in the data directory.
    pub bucket: Option<FileBucket>,
    pub durability: Durability,
    /// The clock by which the limits refill.
    pub rate_clock: RateClock,
    /// The shared database. `None`: it is in the data directory.
    pub database: Option<DatabaseUrl>,
}

impl Policy {
    /// No limit, closed registration: for tests and benches, which set only the limits that they test.
    pub const UNLIMITED: Self = Self {
        registration_open: false,
        demo: false,
        max_sockets_per_user: 0,
        max_sockets_per_address: 0,
        list_everybody: 0,
        messages_per_second: 0,
        connections_per_minute: 0,
        sign_ins_per_minute: 0,
        edit_minutes: 0,
        recall_minutes: 0,
        file_bytes: 0,
        bytes_per_person: 0,
        all_file_bytes: 0,
        disk_watermark: 0,
        examiner: None,
        scanner: None,
        bucket: None,
        durability: Durability::Full,
        rate_clock: RateClock::MACHINE,
        database: None,
    };

    /// Bytes of the largest file.
    pub fn file_limit(&self) -> Option<u64> {
        (self.file_bytes > 0).then_some(self.file_bytes)
    }

    /// Bytes of all files together.
    pub(super) fn quotas(&self) -> Quotas {
        let limit = |bytes: u64| (bytes > 0).then_some(bytes);
        Quotas { per_user: limit(self.bytes_per_person), total: limit(self.all_file_bytes) }
    }

    /// Whether an organisation of this size is large: its main windows receive only some users.
    pub(super) fn is_large(&self, people: u32) -> bool {
        self.list_everybody > 0 && people > self.list_everybody
    }

    /// Frames a second on one connection, of any kind, above which the client floods; no window needs that many.
    pub fn frames_per_second(&self) -> Option<u32> {
        (self.messages_per_second > 0).then(|| self.messages_per_second.saturating_mul(10).max(200))
    }
}
