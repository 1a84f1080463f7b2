//! Forwarding messages to other rooms.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::{
    messenger::{
        actor::Actor,
        budget::CommandClass,
        messages::check_body,
        policy::Result,
        services::{Messages, Rooms},
    },
    model::NewCopy,
};
use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    limit::{FORWARD_TARGETS, FORWARDED},
    room::RoomSummary,
    room_socket::{Forward, Post},
    user::User,
};

/// Bytes of a UUID that encode its time.
const TIME_BYTES: usize = 6;

impl Messages<'_> {
    /// Copies messages of a room into others, after a comment. The actor's right to read and to post is checked for all
    /// copies before the first one, and for each copy again in its transaction. A retry copies only what is missing,
    /// and is charged only for that.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Recalled`], [`Refusal::QuotaExceeded`], [`Refusal::TooMany`],
    /// [`Refusal::BodyTooLong`], [`Refusal::IdConflict`], [`Refusal::TooFast`].
    pub async fn forward(self, actor: Actor, from: RoomId, forward: Forward) -> Result<Vec<RoomId>> {
        let targets = targets(&forward)?;
        forward.comment.as_deref().map(check_body).transpose()?;
        let all: Vec<NewCopy> = targets.iter().flat_map(|target| copies(&forward, *target)).collect();
        let missing = self.0.0.store.check_forward(from, actor.user, &all, self.0.policy().quotas()).await?;
        self.0.spend(actor, CommandClass::Forward, missing.len() as f64)?;
        let is_missing = |user: &UserId| copies(&forward, user.uuid()).any(|copy| missing.contains(&copy));
        let opened = forward.users.iter().filter(|user| is_missing(user)).count();
        self.0.spend(actor, CommandClass::Open, opened as f64)?;
        let into = self.destinations(actor, &forward).await?;
        for (room, target) in &into {
            self.copy(actor, (from, *room), *target, &forward).await?;
        }
        Ok(into.into_keys().collect())
    }

    /// The rooms that receive the copies, each with the target from which their ids derive. A direct room may be named
    /// twice; its first target counts.
    async fn destinations(self, actor: Actor, forward: &Forward) -> Result<BTreeMap<RoomId, Uuid>> {
        let mut into: BTreeMap<RoomId, Uuid> = BTreeMap::new();
        for room in &forward.rooms {
            into.entry(*room).or_insert(room.uuid());
        }
        for user in &forward.users {
            into.entry(self.0.0.store.open_direct(actor.user, *user).await?).or_insert(user.uuid());
        }
        for room in into.keys() {
            self.0.membership(actor.user, *room).await?;
        }
        Ok(into)
    }

    async fn copy(self, actor: Actor, (from, to): (RoomId, RoomId), target: Uuid, forward: &Forward) -> Result<()> {
        let store = &self.0.0.store;
        if let Some(comment) = &forward.comment {
            let id = copy_id(forward.id, target, None);
            store.insert_message(to, actor.user, Post::new(id, comment)).await?;
        }
        for copy in copies(forward, target) {
            store.forward(from, copy, to, actor.user, self.0.policy().quotas()).await?;
        }
        Ok(())
    }
}

/// The rooms and users, if there are not too many of them, nor of messages.
fn targets(forward: &Forward) -> Result<Vec<Uuid>> {
    let rooms = forward.rooms.iter().map(|room| room.uuid());
    let targets: Vec<Uuid> = rooms.chain(forward.users.iter().map(|user| user.uuid())).collect();
    if forward.ids.len() > FORWARDED || targets.len() > FORWARD_TARGETS {
        return Err(Refusal::TooMany);
    }
    if forward.ids.is_empty() || targets.is_empty() { Err(Refusal::NotFound) } else { Ok(targets) }
}

fn copies(forward: &Forward, target: Uuid) -> impl Iterator<Item = NewCopy> + '_ {
    let copy =
        move |original: &MessageId| NewCopy { original: *original, id: copy_id(forward.id, target, Some(*original)) };
    forward.ids.iter().map(copy)
}

/// The id of a copy, or of the comment, for this room or user: the same in every retry, and unpredictable without the
/// id of the command.
fn copy_id(forward: MessageId, target: Uuid, original: Option<MessageId>) -> MessageId {
    let mut digest = Sha256::new();
    for id in [Some(forward.uuid()), Some(target), original.map(MessageId::uuid)].into_iter().flatten() {
        digest.update(id.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.finalize()[..16]);
    bytes[..TIME_BYTES].copy_from_slice(&forward.uuid().as_bytes()[..TIME_BYTES]);
    Builder::from_custom_bytes(bytes).into_uuid().into()
}

impl Rooms<'_> {
    /// The targets to which the actor may forward: their groups, themselves for their notes, and all other users in the
    /// directory; in a large organisation those that the actor's main window lists.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn targets(self, actor: Actor) -> Result<(Vec<RoomSummary>, Vec<User>)> {
        let rooms = self.0.0.store.rooms_of(actor.user).await?;
        let groups = rooms.into_iter().filter(|room| room.is_group).map(|room| RoomSummary { last: None, ..room });
        if self.0.is_large() {
            let mut users = self.0.people().suggested(actor).await?;
            users.sort_by_key(|user| user.id != actor.user);
            return Ok((groups.collect(), users));
        }
        let directory = self.0.directory();
        let mut users: Vec<_> = directory.by_name().filter(|account| !account.disabled).collect();
        users.sort_by_key(|account| account.id != actor.user);
        Ok((groups.collect(), users.into_iter().map(|account| self.0.seen(account)).collect()))
    }
}
