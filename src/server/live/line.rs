//! One connection's writing side, shared by its task, which hears and answers, and by the postmen, who bring
//! what the hub tells.

use std::{
    future::poll_fn,
    io::{self, ErrorKind},
    net::Shutdown,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Wake,
};

use socket2::SockRef;
use tokio::{
    net::TcpStream,
    sync::{Mutex, MutexGuard, Notify},
};

use crate::server::{
    hub::{CloseReason, Outbox},
    live::{
        codec::{Decoder, Frames},
        connection::{Excess, Language, Said},
        postmen::{Postmen, Recipient},
    },
};

/// Bytes that are read at a time. They lie on the stack: a connection keeps only what is not a whole frame.
const READ_BYTES: usize = 4 * 1024;
/// Bytes of events that are gathered for one write.
const WRITE_BYTES: usize = 16 * 1024;

pub(super) struct Line<L: Language> {
    stream: TcpStream,
    outbox: Outbox<L::Event>,
    /// Who holds this speaks. Its task does for as long as it carries out what it heard; a postman who finds it
    /// held goes on.
    speech: Mutex<Speech<L>>,
    /// Nobody has looked into the outbox since something came. Whoever lets go of `speech` looks if this is set.
    is_due: AtomicBool,
    postmen: Postmen,
    /// Tells the task that it is to look: the other side does not take what was written, or the connection ends.
    task: Notify,
}

struct Speech<L> {
    language: L,
    unsent: Unsent,
}

/// The right to speak. When it is given back, which is when the first field goes, the outbox is looked into:
/// a postman may have come meanwhile.
struct Floor<'a, L: Language> {
    speech: MutexGuard<'a, Speech<L>>,
    _after: Look<'a, L>,
}

struct Look<'a, L: Language>(&'a Line<L>);

/// What the other side has not taken yet.
enum Unsent {
    Nothing,
    /// Never empty.
    Bytes(Vec<u8>),
    /// It will take nothing more.
    Broken,
}

/// Whether all that was written has been taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Done,
    Blocked,
    Broken,
}

impl Unsent {
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
            Self::Bytes(unsent) => unsent.extend_from_slice(bytes),
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

/// As many bytes as the system takes now.
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

impl<L: Language> Line<L> {
    pub(super) fn new(stream: TcpStream, outbox: Outbox<L::Event>, language: L, postmen: Postmen) -> Arc<Self> {
        Arc::new(Self {
            stream,
            outbox,
            speech: Mutex::new(Speech { language, unsent: Unsent::Nothing }),
            is_due: AtomicBool::new(false),
            postmen,
            task: Notify::new(),
        })
    }

    /// Says what comes before all events, and lets them come.
    pub(super) async fn greet(self: &Arc<Self>) {
        let mut floor = self.floor().await;
        self.outbox.wake(self.clone().into());
        let frames = floor.speech.language.greet().await;
        floor.speech.unsent.write(&self.stream, frames.bytes());
    }

    /// Carries out what was said and answers it.
    pub(super) async fn hear(&self, said: Said<'_>) {
        let mut floor = self.floor().await;
        let frames = floor.speech.language.hear(said).await;
        floor.speech.unsent.write(&self.stream, frames.bytes());
    }

    /// Says what there is too much of; false when the language has no words for it.
    pub(super) async fn reproach(&self, excess: Excess) -> bool {
        let mut floor = self.floor().await;
        let Some(frames) = floor.speech.language.reproach(excess) else { return false };
        floor.speech.unsent.write(&self.stream, frames.bytes());
        true
    }

    /// Says something that is of the wire and not of a language.
    pub(super) async fn say(&self, frames: &Frames) {
        self.floor().await.speech.unsent.write(&self.stream, frames.bytes());
    }

    async fn floor(&self) -> Floor<'_, L> {
        Floor { speech: self.speech.lock().await, _after: Look(self) }
    }

    /// Reads what has come; false when the other side has gone.
    pub(super) async fn read(&self, decoder: &mut Decoder) -> bool {
        loop {
            if poll_fn(|context| self.stream.poll_read_ready(context)).await.is_err() {
                return false;
            }
            match self.read_now(decoder) {
                Ok(0) => return false,
                Ok(_) => return true,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(_) => return false,
            }
        }
    }

    fn read_now(&self, decoder: &mut Decoder) -> io::Result<usize> {
        let mut bytes = [0; READ_BYTES];
        let read = self.stream.try_read(&mut bytes)?;
        decoder.push(&bytes[..read]);
        Ok(read)
    }

    /// Completes when it is to be looked at [`Line::progress`] and [`Line::ended`].
    pub(super) async fn called(&self) {
        self.task.notified().await;
    }

    pub(super) fn ended(&self) -> Option<CloseReason> {
        self.outbox.ended()
    }

    pub(super) async fn progress(&self) -> Progress {
        self.floor().await.speech.unsent.progress()
    }

    /// Writes again as soon as the other side takes something.
    pub(super) async fn retry(&self) -> Progress {
        if poll_fn(|context| self.stream.poll_write_ready(context)).await.is_err() {
            return Progress::Broken;
        }
        self.floor().await.speech.unsent.retry(&self.stream)
    }

    /// Says that nothing more will be said. What the other side says can still be read.
    pub(super) fn hang_up(&self) {
        // A connection that is gone already has heard it.
        let _ = SockRef::from(&self.stream).shutdown(Shutdown::Write);
    }

    /// Says what waits, as far as the other side takes it.
    fn empty(&self, Speech { language, unsent }: &mut Speech<L>, frames: &mut Frames) {
        let was_done = unsent.progress() == Progress::Done;
        while unsent.progress() == Progress::Done && !self.outbox.is_empty() {
            frames.clear();
            while frames.bytes().len() < WRITE_BYTES
                && let Some(told) = self.outbox.next()
            {
                language.say(&told, frames);
            }
            unsent.write(&self.stream, frames.bytes());
        }
        if was_done && unsent.progress() != Progress::Done || self.outbox.ended().is_some() {
            self.task.notify_one();
        }
    }
}

impl<L: Language> Drop for Look<'_, L> {
    fn drop(&mut self) {
        self.0.is_due.store(true, Ordering::SeqCst);
        self.0.deliver(&mut Frames::default());
    }
}

impl<L: Language> Recipient for Line<L> {
    /// Looks into the outbox as long as that is due, or leaves it to who speaks.
    fn deliver(&self, frames: &mut Frames) {
        while self.is_due.load(Ordering::SeqCst) {
            let Ok(mut speech) = self.speech.try_lock() else { return };
            self.is_due.store(false, Ordering::SeqCst);
            self.empty(&mut speech, frames);
        }
    }

    fn give_up(&self) {
        self.outbox.give_up();
        self.task.notify_one();
    }
}

/// Something waits in the outbox: a postman is called, rather than a task woken.
impl<L: Language> Wake for Line<L> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_due.swap(true, Ordering::SeqCst) {
            self.postmen.call(self.clone());
        }
    }
}

#[cfg(test)]
mod tests;
