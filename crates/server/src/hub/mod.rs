//! The connected sockets, in memory, behind one private lock. The hub puts events into the sockets' outboxes. It never
//! awaits, and knows neither the store nor how an event is written to a socket.

mod changes;
mod elsewhere;
mod fan_out;
mod handle;
mod interests;
mod online;
mod outbox;
mod owner;
mod registry;
mod watching;
mod windows;

pub use changes::PresenceChanges;
pub use fan_out::{Audience, ChangedMembers, LobbyAudience, OpenRooms, RoomAudience, SocketAudience};
pub use handle::{Hub, LobbyHandle, Subscription, SubscriptionGuard};
pub use interests::FirstInterests;
pub use outbox::{CloseReason, Encoded, Outbox};
pub use owner::{Activity, Caps, GRACE, Owner, SessionKey, TooManySockets};
pub use watching::{
    AccountWatchers, ChangedDepartment, ChangedUser, ChangedUsers, DepartmentWatchers, NewlyListed, PresenceWatchers,
};
