//! The connected sockets, in memory, behind one private lock. The hub puts events into the sockets' outboxes. It never
//! awaits, and knows neither the store nor how an event is written to a socket.

mod fan_out;
mod handle;
mod online;
mod outbox;
mod owner;
mod registry;
mod windows;

pub use fan_out::{Audience, ChangedMembers, LobbyAudience, OpenRooms, RoomAudience, SocketAudience};
pub use handle::{Hub, IdleFlag, Subscription, SubscriptionGuard};
pub use outbox::{CloseReason, Encoded, Outbox};
pub use owner::{Activity, Caps, GRACE, Owner, SessionKey, TooManySockets};
pub use registry::PresenceChanges;
