//! Plain data that the store, the domain layer and their callers share. It imports only `protocol`, no database and no
//! socket.

mod account;
mod asset;
mod attempt;
mod bus_fault;
mod change;
mod database_url;
mod directory;
mod fault;
mod feed_row;
mod file;
mod files_place;
mod finding;
mod membership;
mod message;
mod message_delta;
mod node;
mod open_mode;
mod search;
mod session;
mod store_location;

pub use account::{Account, Credentials, ImportedAccount, ImportedPassword, Status};
pub use asset::Asset;
pub use attempt::{AttemptBucket, AttemptKey, SignInBuckets, SignInCharge, SignInTaken};
pub use bus_fault::BusFault;
pub use change::{Changed, Committed, NewCopy, RateLimitedParts, ReactionState, Revision, ScheduleState};
pub use database_url::DatabaseUrl;
pub use directory::{DepartmentPage, FoundPeople};
pub use fault::{BucketFault, DatabaseCause, Fault, SharedFault};
pub use file::{
    BlobHash, CompletedFile, FilePage, NewUpload, Quotas, RecordedBytes, StoredFile, StoredPreview, Upload,
};
pub use files_place::{FilesPlace, FilesPlaceKind};
pub use finding::Finding;
pub use membership::{Membership, RoomMember};
pub use message::{Anchor, MessagePage};
pub use message_delta::{ConfirmedMessage, Reacted};
pub use node::{FeedRow, NodeEvent, NodeId, NodePresence, NodeSignal, PositionedRow, RemoteChange, RoomChanges};
pub use open_mode::{Durability, OpenMode};
pub use search::SearchPage;
pub use session::{DeviceId, EndedSession, NewSession, SessionId, SessionInfo};
pub use store_location::StoreLocation;
