//! The clusters that are compared: how to open a window of a room at a node, to post there, and what all of it costs.

use std::{io, time::Duration};

use crate::{
    cluster_nodes::Nodes,
    peer_client::{WELCOME, own, own_post},
    redis_nodes::{self, RedisNodes},
    wire::Wire,
};

pub(crate) enum MeasuredCluster {
    Daehwa(Nodes),
    SocketIo(RedisNodes),
}

/// A room of the measurement.
#[derive(Clone, Copy)]
pub(crate) enum ClusterRoom {
    Group,
    Pair(usize),
}

impl MeasuredCluster {
    /// Opens a window at the `node`th node, modulo their number, and waits until it is ready.
    ///
    /// # Errors
    /// If the connection is lost.
    pub(crate) async fn open(&self, node: usize, room: ClusterRoom, user: usize) -> io::Result<Wire> {
        match self {
            Self::Daehwa(nodes) => {
                let id = match room {
                    ClusterRoom::Group => nodes.people.group,
                    ClusterRoom::Pair(number) => nodes.people.pairs[number],
                };
                let mut wire = own(nodes.address(node), &format!("/chat/{id}"), &nodes.people, user).await?;
                wire.until(WELCOME).await?;
                Ok(wire)
            }
            Self::SocketIo(nodes) => redis_nodes::join(nodes.address(node), &room.name(), user).await,
        }
    }

    /// A text to a room.
    pub(crate) fn post(&self, room: ClusterRoom, text: &str) -> String {
        match self {
            Self::Daehwa(_) => own_post(text),
            Self::SocketIo(_) => redis_nodes::post(&room.name(), text),
        }
    }

    /// CPU time so far of the nodes, and of what connects them.
    pub(crate) fn cpu(&self) -> [Duration; 2] {
        match self {
            Self::Daehwa(nodes) => nodes.cpu(),
            Self::SocketIo(nodes) => nodes.cpu(),
        }
    }
}

impl ClusterRoom {
    fn name(self) -> String {
        match self {
            Self::Group => "group".to_owned(),
            Self::Pair(number) => format!("pair{number}"),
        }
    }
}
