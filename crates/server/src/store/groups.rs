//! Groups: creating one, adding and removing members.

use crate::{
    model::Committed,
    store::{
        error::StoreResult,
        handle::Store,
        rules::{self, WriteEffect},
        scheduled::with_failed,
        sql::{
            changes::insert_system_event,
            db::Db,
            memberships,
            people::{self, Joining},
            rooms,
        },
        versions,
    },
};
use protocol::{
    error::Refusal,
    ids::{RoomId, UserId},
    message::{Message, SystemEvent},
};

impl Store {
    /// Creates a group of a user and others.
    ///
    /// # Errors
    /// [`Refusal::Oneself`] without another user, [`Refusal::NotFound`] for an unknown account, [`Refusal::TooMany`].
    pub async fn open_group(&self, me: UserId, mut users: Vec<UserId>, title: Option<String>) -> StoreResult<RoomId> {
        users.retain(|user| *user != me);
        if users.is_empty() {
            return Err(Refusal::Oneself.into());
        }
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let room = RoomId::new();
                let active_at = versions::next_active_at(&mut *db).await?;
                rooms::insert(&mut *db, room, true, title.as_deref(), active_at).await?;
                add(&mut *db, room, vec![me], Joining::default()).await?;
                add(&mut *db, room, users, Joining { joined_at: 1, ..Joining::default() }).await?;
                let message = insert_event(db, room, me, SystemEvent::Made).await?;
                Ok((room, Some(Committed::Message { room, message })))
            })
        });
        write.await
    }

    /// Adds users to a group, with the history that the inviter sees or without history. `None` if all were members.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the inviter is not a member or for an unknown account, [`Refusal::NotAGroup`],
    /// [`Refusal::TooMany`].
    pub async fn invite(
        &self,
        room: RoomId,
        me: UserId,
        users: Vec<UserId>,
        history: bool,
    ) -> StoreResult<Option<Message>> {
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                let inviter = rules::may_manage(memberships::group_membership(&mut *db, room, me).await?)?;
                let new = people::outsiders(&mut *db, room, users).await?;
                if new.is_empty() {
                    return Ok((None, None));
                }
                let visible_after = rules::bound_of_invited(inviter, history);
                let (last_read, joined_at) = (inviter.version, inviter.version + 1);
                add(&mut *db, room, new.clone(), Joining { visible_after, last_read, joined_at }).await?;
                let message = insert_event(db, room, me, SystemEvent::Invited { users: new }).await?;
                Ok((Some(message.clone()), Some(Committed::Message { room, message })))
            })
        });
        write.await
    }

    /// Ends a membership of a group. The former member does not see later messages.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotAGroup`].
    pub async fn leave(&self, room: RoomId, me: UserId) -> StoreResult<()> {
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                rules::may_manage(memberships::group_membership(&mut *db, room, me).await?)?;
                let message = insert_event(&mut *db, room, me, SystemEvent::Left).await?;
                memberships::update_left_at(&mut *db, room, me, message.seq).await?;
                Ok(((), Some(with_failed(db, room, me, Committed::Message { room, message }).await?)))
            })
        });
        write.await
    }

    /// Ends another user's membership of a group. Nothing happens for a former member.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if `me` is not a member or `user` never was one, [`Refusal::NotAGroup`],
    /// [`Refusal::NotMaker`], [`Refusal::Oneself`].
    pub async fn remove(&self, room: RoomId, me: UserId, user: UserId) -> StoreResult<()> {
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                rules::may_manage(memberships::group_membership(&mut *db, room, me).await?)?;
                let maker = rules::maker(memberships::enabled(&mut *db, room).await?);
                let has_left = memberships::has_left(&mut *db, room, user).await?;
                if rules::may_remove(maker, me, user, has_left)? == WriteEffect::Nothing {
                    return Ok(((), None));
                }
                let event = SystemEvent::Removed { users: vec![user] };
                let message = insert_event(&mut *db, room, me, event).await?;
                memberships::update_left_at(&mut *db, room, user, message.seq).await?;
                Ok(((), Some(with_failed(db, room, user, Committed::Message { room, message }).await?)))
            })
        });
        write.await
    }

    /// Updates the title of a group; `None` removes it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotAGroup`].
    pub async fn rename(&self, room: RoomId, me: UserId, title: Option<String>) -> StoreResult<()> {
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                rules::may_manage(memberships::group_membership(&mut *db, room, me).await?)?;
                if !rooms::update_title(&mut *db, room, title.as_deref()).await? {
                    return Ok(((), None));
                }
                let message = insert_event(db, room, me, SystemEvent::Renamed { title }).await?;
                Ok(((), Some(Committed::Message { room, message })))
            })
        });
        write.await
    }
}

/// Inserts memberships. Each user counts once.
async fn add(db: &mut Db, room: RoomId, mut users: Vec<UserId>, joining: Joining) -> StoreResult<()> {
    users.sort_unstable();
    users.dedup();
    let found = people::insert_memberships(&mut *db, room, &users, joining).await?;
    Ok(rules::may_join(users.len(), found, memberships::count(db, room).await?)?)
}

/// Inserts a system event into a room, as its next change.
pub(super) async fn insert_event(
    db: &mut Db,
    room: RoomId,
    author: UserId,
    event: SystemEvent,
) -> StoreResult<Message> {
    // The group moves up in the list for new members only: the row of a member does not show other events.
    let active_at = match event {
        SystemEvent::Made | SystemEvent::Invited { .. } => Some(versions::next_active_at(&mut *db).await?),
        SystemEvent::Removed { .. }
        | SystemEvent::Left
        | SystemEvent::Renamed { .. }
        | SystemEvent::Announced
        | SystemEvent::Unannounced
        | SystemEvent::PinsLimited { .. }
        | SystemEvent::Absent { .. } => None,
    };
    let inserted = insert_system_event(db, room, author, event, active_at).await?;
    Ok(inserted.ok_or(Refusal::NotFound)?)
}
