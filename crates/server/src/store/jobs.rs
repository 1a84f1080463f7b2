//! The jobs in a writer's queue.

use futures::future::BoxFuture;
use tokio::sync::oneshot;

use crate::{
    model::{Changed, Committed},
    store::{error::StoreResult, posts::insert_one, sql::db::Db},
};
use protocol::{
    error::Refusal,
    ids::{RoomId, UserId},
    room_socket::Post,
};

/// A job of the writer.
pub(crate) enum Job {
    /// A write, and the room that it changes.
    Write(Option<RoomId>, WriteFn),
    Post(Posting),
    /// SQLite alone has checkpoints.
    Checkpoint(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

/// The result of a write, and the change to fan out.
pub(crate) type Written<T> = StoreResult<(T, Option<Committed>)>;

/// Answers the caller of a write once its transaction is over.
pub(crate) type WriteReply = Box<dyn FnOnce(StoreResult<()>) + Send>;

/// A write, with its caller's reply.
pub(crate) type WriteFn = Box<dyn for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, (WriteReply, Written<()>)> + Send>;

/// A post in the queue.
pub(crate) struct Posting {
    pub(crate) room: RoomId,
    pub(crate) author: UserId,
    pub(crate) message: Post,
    pub(crate) sender: oneshot::Sender<StoreResult<Changed>>,
}

/// The reply to a write's caller, and the write's outcome for the transaction.
pub(crate) fn replied<T: Send + 'static>(
    written: Written<T>,
    sender: oneshot::Sender<StoreResult<T>>,
) -> (WriteReply, Written<()>) {
    match written {
        Ok((value, committed)) => {
            let reply: WriteReply = Box::new(move |saved| drop(sender.send(saved.map(|()| value))));
            (reply, Ok(((), committed)))
        }
        Err(error) => {
            let reply: WriteReply = Box::new(move |saved| drop(sender.send(Err(saved.err().unwrap_or(error)))));
            (reply, Err(Refusal::Unavailable.into()))
        }
    }
}

/// Wraps a post as a single write.
pub(crate) fn as_single_write(Posting { room, author, message, sender }: Posting) -> WriteFn {
    Box::new(move |db| Box::pin(async move { replied(insert_one(db, room, author, message).await, sender) }))
}
