//! A socket between a node and PostgreSQL that can lose things: one statement, one answer, or everything for a while.

use std::{
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

use server::model::DatabaseUrl;
use tempfile::TempDir;

use crate::{cluster::own_postgres::database_behind, test_server::PORT};

/// What is lost of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// The statement itself: it is never carried out.
    Statement,
    /// The answer, while the statement is carried out.
    Answer,
    /// The statement and everything after it, as with [`Gate::set_silent`].
    Rest,
}

struct GateState {
    /// The socket of the server.
    server: PathBuf,
    /// The next frame that contains this text is lost.
    cut_at: Option<(&'static str, Loss)>,
    cuts: usize,
    is_silent: bool,
    /// Counts the silences: a connection from before one is closed after it.
    silences: usize,
}

struct GateShared {
    state: Mutex<GateState>,
    opened: Condvar,
}

pub(crate) struct Gate {
    folder: TempDir,
    shared: Arc<GateShared>,
}

impl Gate {
    /// A gate in front of the server whose socket is in this folder.
    pub(crate) fn start(server: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(socket_in(folder.path())).unwrap();
        let state = GateState { server: socket_in(server), cut_at: None, cuts: 0, is_silent: false, silences: 0 };
        let shared = Arc::new(GateShared { state: Mutex::new(state), opened: Condvar::new() });
        let gate = shared.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let gate = gate.clone();
                thread::spawn(move || {
                    let silences = gate.pass();
                    let server = gate.state.lock().unwrap().server.clone();
                    if let Ok(server) = UnixStream::connect(server) {
                        carry(&client, &server, &gate, silences);
                    }
                });
            }
        });
        Self { folder, shared }
    }

    /// Leads new connections to another server.
    pub(crate) fn lead_to(&self, server: &Path) {
        self.shared.state.lock().unwrap().server = socket_in(server);
    }

    pub(crate) fn url(&self) -> DatabaseUrl {
        database_behind(self.folder.path())
    }

    /// Loses the next frame from a node that contains this text, or the answer to it, and closes its connection.
    pub(crate) fn cut_at(&self, text: &'static str, loss: Loss) {
        self.shared.state.lock().unwrap().cut_at = Some((text, loss));
    }

    /// How many statements or answers were lost.
    pub(crate) fn cuts(&self) -> usize {
        self.shared.state.lock().unwrap().cuts
    }

    /// From now on no byte passes, without a signal to either end. Afterwards the old connections are closed, as by a
    /// server that has given them up.
    pub(crate) fn set_silent(&self, is_silent: bool) {
        let mut state = self.shared.state.lock().unwrap();
        state.is_silent = is_silent;
        state.silences += usize::from(is_silent);
        self.shared.opened.notify_all();
    }
}

impl GateShared {
    /// Waits while the gate is silent; how many silences there were.
    fn pass(&self) -> usize {
        let state = self.state.lock().unwrap();
        self.opened.wait_while(state, |state| state.is_silent).unwrap().silences
    }

    /// What is lost of this frame.
    fn loss(&self, frame: &[u8]) -> Option<Loss> {
        let mut state = self.state.lock().unwrap();
        let is_in = |text: &str| frame.windows(text.len()).any(|part| part == text.as_bytes());
        let (_, loss) = state.cut_at.take_if(|(text, _)| is_in(text))?;
        state.cuts += 1;
        if loss == Loss::Rest {
            (state.is_silent, state.silences) = (true, state.silences + 1);
        }
        Some(loss)
    }
}

fn socket_in(folder: &Path) -> PathBuf {
    folder.join(format!(".s.PGSQL.{PORT}"))
}

fn carry(client: &UnixStream, server: &UnixStream, gate: &Arc<GateShared>, silences: usize) {
    let (answers, back, of_answers) = (server.try_clone().unwrap(), client.try_clone().unwrap(), gate.clone());
    thread::spawn(move || pump(&answers, &back, &of_answers, silences, |_| None));
    pump(client, server, gate, silences, |frame| gate.loss(frame));
}

/// Carries bytes until an end is closed; then closes both.
fn pump(
    mut from: &UnixStream,
    mut to: &UnixStream,
    gate: &GateShared,
    silences: usize,
    loss: impl Fn(&[u8]) -> Option<Loss>,
) {
    let mut buffer = [0; 65_536];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if gate.pass() != silences {
            break;
        }
        let frame = &buffer[..count];
        match loss(frame) {
            None if to.write_all(frame).is_ok() => {}
            Some(Loss::Answer) => {
                // The node first, so that no answer reaches it. The server notices that only after the statement.
                let _ = from.shutdown(Shutdown::Both);
                let _ = to.write_all(frame);
                thread::sleep(Duration::from_millis(200));
                break;
            }
            Some(Loss::Rest) => {
                gate.pass();
                break;
            }
            None | Some(Loss::Statement) => break,
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
