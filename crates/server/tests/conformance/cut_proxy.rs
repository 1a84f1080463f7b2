//! A socket in front of the server that loses the answer to a statement: it closes both ends after the statement was
//! carried out, or it lets no byte pass any more.

use std::{
    collections::VecDeque,
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use tempfile::TempDir;

/// How an answer is lost.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LostAnswer {
    Closed,
    /// The connection stays open and silent, as in a network that drops every byte.
    Silent,
}

/// The next cuts, in their order: each at the next frame that contains its text.
type Cuts = Mutex<VecDeque<(&'static str, LostAnswer)>>;

#[derive(Default)]
struct ProxyState {
    cuts: Cuts,
    frames: AtomicUsize,
}

pub(crate) struct CutProxy {
    folder: TempDir,
    state: Arc<ProxyState>,
}

impl CutProxy {
    pub(crate) fn start(server: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = server.file_name().unwrap();
        let listener = UnixListener::bind(folder.path().join(name)).unwrap();
        let (server, state) = (PathBuf::from(server), Arc::<ProxyState>::default());
        let shared = state.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, state) = (server.clone(), shared.clone());
                thread::spawn(move || forward(client, UnixStream::connect(server).unwrap(), &state));
            }
        });
        Self { folder, state }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Loses the answer to the next frame that contains this text: a statement, or a text among its parameters.
    pub(crate) fn cut_at(&self, text: &'static str) {
        self.state.cuts.lock().unwrap().push_back((text, LostAnswer::Closed));
    }

    /// The same, without a sign that it is lost.
    pub(crate) fn silence_at(&self, text: &'static str) {
        self.state.cuts.lock().unwrap().push_back((text, LostAnswer::Silent));
    }

    /// Whether nothing is to be cut any more.
    pub(crate) fn has_cut(&self) -> bool {
        self.state.cuts.lock().unwrap().is_empty()
    }

    /// How many frames were sent to the server.
    pub(crate) fn frames(&self) -> usize {
        self.state.frames.load(Ordering::Relaxed)
    }
}

fn forward(mut client: UnixStream, mut server: UnixStream, state: &ProxyState) {
    let (answers, back) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let is_silent = Arc::<AtomicBool>::default();
    let of_answers = is_silent.clone();
    thread::spawn(move || answer(answers, back, &of_answers));
    let mut buffer = [0; 65_536];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        let frame = &buffer[..count];
        state.frames.fetch_add(1, Ordering::Relaxed);
        match cut(state, frame) {
            Some(LostAnswer::Closed) => {
                cut_after(&mut server, frame, &client);
                return;
            }
            Some(LostAnswer::Silent) => {
                is_silent.store(true, Ordering::Relaxed);
                // Until the client gives it up.
                while let Ok(1..) = client.read(&mut buffer) {}
                let _ = server.shutdown(Shutdown::Both);
                return;
            }
            None if server.write_all(frame).is_err() => return,
            None => {}
        }
    }
}

/// Carries answers, and the end of the connection, unless it is silent.
fn answer(mut server: UnixStream, mut client: UnixStream, is_silent: &AtomicBool) {
    let mut buffer = [0; 65_536];
    while let Ok(count @ 1..) = server.read(&mut buffer) {
        if is_silent.load(Ordering::Relaxed) || client.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    if !is_silent.load(Ordering::Relaxed) {
        let _ = client.shutdown(Shutdown::Both);
    }
}

fn cut(state: &ProxyState, frame: &[u8]) -> Option<LostAnswer> {
    let mut cuts = state.cuts.lock().unwrap();
    let is_in = |text: &str| frame.windows(text.len()).any(|part| part == text.as_bytes());
    let is_now = cuts.front().is_some_and(|(text, _)| is_in(text));
    is_now.then(|| cuts.pop_front()).flatten().map(|(_, cut)| cut)
}

/// Closes the client first, so that no answer reaches it, and lets the server carry the frame out.
fn cut_after(server: &mut UnixStream, frame: &[u8], client: &UnixStream) {
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.write_all(frame);
    // The server notices the end of its client only after the statement.
    thread::sleep(Duration::from_millis(200));
}
