//! The write half of a connection, shared by the connection's own task (replies) and the delivery workers (events).

use std::{
    future::poll_fn,
    io::{self, ErrorKind},
    net::Shutdown,
    sync::Arc,
    task::Wake,
};

use socket2::SockRef;
use tokio::{net::TcpStream, sync::Notify};

use crate::{
    hub::{CloseReason, Outbox},
    socket::{
        codec::{Decoder, Frames},
        delivery::{DeliveryWorkers, Recipient},
        dialect::{Dialect, Excess, Incoming},
        hand_over::HandOver,
    },
};

/// Bytes of one read. The buffer is on the stack: a connection keeps only an incomplete frame.
const READ_BYTES: usize = 4 * 1024;
/// Bytes of events that are gathered into one write.
const WRITE_BYTES: usize = 16 * 1024;

pub(super) struct WriteHalf<D: Dialect> {
    stream: TcpStream,
    outbox: Outbox<D::Event>,
    dialect: D,
    /// Locked while frames are encoded and written, never across an await. The work that may be due is the events in
    /// the outbox.
    client: HandOver<Client<D::View>>,
    delivery: DeliveryWorkers,
    /// Wakes the connection's task: the socket's buffer is full, or the connection must be closed.
    task: Notify,
}

struct Client<V> {
    view: V,
    unwritten: Unwritten,
    /// The close frame is written: no frame may follow it (RFC 6455, 5.5.1).
    is_closed: bool,
}

impl<V> Client<V> {
    fn write(&mut self, stream: &TcpStream, frames: &Frames) {
        if !self.is_closed {
            self.unwritten.write(stream, frames.bytes());
        }
    }
}

/// Bytes that did not fit into the system's buffer.
enum Unwritten {
    Nothing,
    /// Never empty.
    Bytes(Vec<u8>),
    /// The stream failed.
    Broken,
}

/// Whether the system has taken all bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Done,
    Blocked,
    Broken,
}

impl Unwritten {
    fn progress(&self) -> Progress {
        match self {
            Self::Nothing => Progress::Done,
            Self::Bytes(_) => Progress::Blocked,
            Self::Broken => Progress::Broken,
        }
    }

    fn write(&mut self, stream: &TcpStream, bytes: &[u8]) {
        match self {
            Self::Nothing => match write(stream, bytes) {
                Ok(written) if written == bytes.len() => {}
                Ok(written) => *self = Self::Bytes(bytes[written..].to_vec()),
                Err(_) => *self = Self::Broken,
            },
            Self::Bytes(waiting) => waiting.extend_from_slice(bytes),
            Self::Broken => {}
        }
    }

    fn retry(&mut self, stream: &TcpStream) -> Progress {
        if let Self::Bytes(bytes) = std::mem::replace(self, Self::Nothing) {
            match write(stream, &bytes) {
                Ok(written) if written == bytes.len() => {}
                Ok(written) => *self = Self::Bytes(rest(bytes, written)),
                Err(_) => *self = Self::Broken,
            }
        }
        self.progress()
    }
}

/// Writes as many bytes as the system's buffer takes.
fn write(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut written = 0;
    while written < bytes.len() {
        match stream.try_write(&bytes[written..]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(more) => written += more,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

fn rest(mut bytes: Vec<u8>, written: usize) -> Vec<u8> {
    bytes.drain(..written);
    bytes
}

impl<D: Dialect> WriteHalf<D> {
    pub(super) fn new(stream: TcpStream, outbox: Outbox<D::Event>, dialect: D, delivery: DeliveryWorkers) -> Arc<Self> {
        let client = Client { view: D::View::default(), unwritten: Unwritten::Nothing, is_closed: false };
        let client = HandOver::new(client);
        Arc::new(Self { stream, outbox, dialect, client, delivery, task: Notify::new() })
    }

    /// Subscribes to the outbox and sends the welcome.
    pub(super) async fn welcome(self: &Arc<Self>) {
        self.outbox.wake(self.clone().into());
        let reply = self.dialect.welcome().await;
        self.reply(reply);
    }

    /// Executes a command and sends its reply; events are delivered in the meantime.
    pub(super) async fn execute(&self, received: Incoming<'_>) {
        let command = self.with_client(|client| self.dialect.begin(&mut client.view, received));
        let reply = self.dialect.execute(command).await;
        self.reply(reply);
    }

    fn reply(&self, reply: D::Reply) {
        self.with_client(|client| {
            let mut frames = Frames::default();
            self.dialect.encode_reply(&mut client.view, reply, &mut frames);
            client.write(&self.stream, &frames);
        });
    }

    /// Sends the dialect's refusal of frames that are too large or too many; false if it has none.
    pub(super) fn refuse_excess(&self, excess: Excess) -> bool {
        self.with_client(|client| {
            let mut frames = Frames::default();
            let is_refused = self.dialect.refuse_excess(&mut client.view, excess, &mut frames);
            client.write(&self.stream, &frames);
            is_refused
        })
    }

    /// Sends frames of the protocol itself, such as a ping.
    pub(super) fn send(&self, frames: &Frames) {
        self.with_client(|client| client.write(&self.stream, frames));
    }

    /// Sends the close frame, the last frame of the connection. Later events are not written.
    pub(super) fn close(&self, code: Option<u16>, reason: &str) {
        self.with_client(|client| {
            let mut frames = Frames::default();
            frames.close(code, reason);
            client.write(&self.stream, &frames);
            client.is_closed = true;
        });
    }

    /// Reads the bytes that have arrived; false if the peer is gone.
    pub(super) async fn read(&self, decoder: &mut Decoder) -> bool {
        loop {
            if poll_fn(|context| self.stream.poll_read_ready(context)).await.is_err() {
                return false;
            }
            match self.try_read(decoder) {
                Ok(0) => return false,
                Ok(_) => return true,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(_) => return false,
            }
        }
    }

    fn try_read(&self, decoder: &mut Decoder) -> io::Result<usize> {
        let mut bytes = [0; READ_BYTES];
        let read = self.stream.try_read(&mut bytes)?;
        decoder.push(&bytes[..read]);
        Ok(read)
    }

    /// Completes when the task should check [`WriteHalf::progress`] and [`WriteHalf::close_reason`].
    pub(super) async fn woken(&self) {
        self.task.notified().await;
    }

    /// Why the connection must be closed, once all earlier events are written.
    pub(super) fn close_reason(&self) -> Option<CloseReason> {
        self.outbox.ended()
    }

    pub(super) fn progress(&self) -> Progress {
        self.with_client(|client| client.unwritten.progress())
    }

    /// Waits for space in the system's buffer and writes again.
    pub(super) async fn retry(&self) -> Progress {
        if poll_fn(|context| self.stream.poll_write_ready(context)).await.is_err() {
            return Progress::Broken;
        }
        self.with_client(|client| client.unwritten.retry(&self.stream))
    }

    /// Shuts down the sending direction of the TCP connection; the other direction stays open.
    pub(super) fn shut_down(&self) {
        // Fails if the peer is gone already.
        let _ = SockRef::from(&self.stream).shutdown(Shutdown::Write);
    }

    fn with_client<R>(&self, act: impl FnOnce(&mut Client<D::View>) -> R) -> R {
        let mut frames = Frames::default();
        self.client.with(act, |client| self.write_events(client, &mut frames))
    }

    /// Writes events from the outbox until it is empty or the system's buffer is full.
    fn write_events(&self, client: &mut Client<D::View>, frames: &mut Frames) {
        if client.is_closed {
            return;
        }
        let Client { view, unwritten, .. } = client;
        let was_done = unwritten.progress() == Progress::Done;
        while unwritten.progress() == Progress::Done && self.dialect.accepts_events(view) && !self.outbox.is_empty() {
            frames.clear();
            while frames.bytes().len() < WRITE_BYTES
                && self.dialect.accepts_events(view)
                && let Some(event) = self.outbox.next()
            {
                self.dialect.encode_event(view, &event, frames);
            }
            unwritten.write(&self.stream, frames.bytes());
        }
        if was_done && unwritten.progress() != Progress::Done || self.outbox.ended().is_some() {
            self.task.notify_one();
        }
    }
}

impl<D: Dialect> Recipient for WriteHalf<D> {
    fn deliver(&self, frames: &mut Frames) {
        self.client.work_if_due(|client| self.write_events(client, frames));
    }

    fn give_up(&self) {
        self.outbox.give_up();
        self.task.notify_one();
    }
}

/// The outbox's waker: it queues the connection for a delivery worker instead of waking its task.
impl<D: Dialect> Wake for WriteHalf<D> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.client.mark_due() {
            self.delivery.queue(D::LANE, self.clone());
        }
    }
}

#[cfg(test)]
mod tests;
