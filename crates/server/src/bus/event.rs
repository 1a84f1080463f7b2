//! What a node receives from the bus.

use bytes::Bytes;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusEvent {
    /// The content of a frame that another node of this cluster published.
    Frame(Bytes),
    /// A frame of another format: another version of the program published it, and the feed has its content.
    Unknown,
    /// Frames may be missing: the connection began or ended, or this node read too slowly. The feed has their content.
    Interrupted,
}
