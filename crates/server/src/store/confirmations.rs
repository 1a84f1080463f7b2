//! Confirmations of messages that ask for them.

use crate::{
    model::{Committed, ConfirmedMessage},
    store::{
        error::StoreResult,
        handle::Store,
        rules,
        sql::{changes, confirmations, memberships, messages::find},
    },
};
use protocol::ids::{MessageId, RoomId, UserId};

impl Store {
    /// Confirms a message for a member, once and for good. Returns the confirmation to an idempotent retry, whose
    /// sender may have missed the event; otherwise `None`.
    ///
    /// # Errors
    /// As the rules `see` and `may_confirm` say: `NotFound`, `Recalled`, `Oneself`.
    pub async fn confirm(&self, room: RoomId, me: UserId, id: MessageId) -> StoreResult<Option<ConfirmedMessage>> {
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                let bound = memberships::visible_after(&mut *db, room, me).await?;
                let message = rules::see(find(&mut *db, id).await?, room, bound)?;
                rules::may_confirm(&message, me, memberships::joined(&mut *db, room, me).await?)?;
                let is_new = confirmations::insert(&mut *db, room, message.seq, me).await?;
                let version = if is_new { changes::bump(&mut *db, room, message.seq).await? } else { message.version };
                let confirmed = ConfirmedMessage { id, seq: message.seq, version, author: message.author, user: me };
                if is_new {
                    Ok((None, Some(Committed::Confirmed { room, confirmed })))
                } else {
                    Ok((Some(confirmed), None))
                }
            })
        });
        write.await
    }
}
