//! Absences, and the automatic answers of absent users to direct messages, once a day for each other user.

use crate::{
    model::Committed,
    store::{error::StoreResult, groups::insert_event, handle::Store, rules, sql::absences},
};
use protocol::{
    ids::{RoomId, UserId},
    message::SystemEvent,
    user::Absence,
};

impl Store {
    /// Sets a user's absence, or removes it. `now`: UTC milliseconds.
    ///
    /// # Errors
    /// As the rule `may_be_absent` says: `InvalidTime`.
    pub async fn set_absence(&self, user: UserId, absence: Option<Absence>, now: i64) -> StoreResult<()> {
        if let Some(absence) = &absence {
            rules::may_be_absent(absence.from, absence.until, now)?;
        }
        let write = self
            .writer
            .run(move |db| Box::pin(async move { Ok((absences::update(db, user, absence.as_ref()).await?, None)) }));
        write.await
    }

    /// Removes every absence that is over. `now`: UTC milliseconds.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn end_absences(&self, now: i64) -> StoreResult<()> {
        if !absences::has_ended(&mut self.read_pool.acquire().await?, now).await? {
            return Ok(());
        }
        let write = self.writer.run(move |db| Box::pin(async move { Ok((absences::end(db, now).await?, None)) }));
        write.await
    }

    /// Answers a message of this author in a direct room if its other member is absent and has not answered the author
    /// today. `now`: UTC milliseconds.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn answer_for_absent(&self, room: RoomId, author: UserId, now: i64) -> StoreResult<()> {
        // Almost always no answer is due: a read spares the writer.
        if absences::due(&mut self.read_pool.acquire().await?, room, author, now).await?.is_none() {
            return Ok(());
        }
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                let due = absences::due(&mut *db, room, author, now).await?;
                let Some((absent, until, text, day)) = due else { return Ok(((), None)) };
                absences::insert_answer(&mut *db, absent, author, day).await?;
                let message = insert_event(db, room, absent, SystemEvent::Absent { until, text }).await?;
                Ok(((), Some(Committed::Message { room, message })))
            })
        });
        write.await
    }
}
