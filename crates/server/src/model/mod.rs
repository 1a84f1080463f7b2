//! Plain data that the store, the domain layer and their callers share. It imports only `protocol`, no database and no
//! socket.

mod access;
mod account;
mod change;
mod fault;
mod file;
mod finding;
mod membership;
mod message;
mod search;
mod session;

pub use access::{Access, Durability};
pub use account::{Account, Credentials, ImportedAccount, ImportedPassword, Status};
pub use change::{
    Changed, Committed, ConfirmedMessage, KnownSchedule, NewCopy, RateLimitedParts, Reacted, ReactionState, Revision,
};
pub use fault::{BucketFault, Cause, Fault};
pub use file::{BlobHash, CompletedFile, FilePage, KnownBytes, NewUpload, Quotas, StoredFile, StoredPreview, Upload};
pub use finding::Finding;
pub use membership::{Membership, RoomMember};
pub use message::{Anchor, MessagePage};
pub use search::SearchPage;
pub use session::{DeviceId, EndedSession, NewSession, SessionId, SessionInfo};
