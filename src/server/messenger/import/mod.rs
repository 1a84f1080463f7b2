//! Many accounts at once, from a table. The whole table is looked at before anything is done; then its rows are carried
//! out in pieces, so that posts go on beside them. The same table again changes nothing, and completes what was cut
//! short.

mod columns;
mod decoding;
mod people;
mod table;

use std::time::{Duration, Instant};

use crate::server::{
    messenger::{Messenger, Result, hashing::Turn},
    store::Entry,
};

pub use decoding::Written;
pub use people::{People, Plan, Wrong, WrongRow};
pub use table::WrongTable;

/// Rows in one transaction: a few milliseconds, for which what is posted meanwhile waits.
const PIECE: usize = 200;
/// The shortest pause between two pieces. A server in another process tries again after some milliseconds.
const PAUSE: Duration = Duration::from_millis(20);

/// What became of a table, or would.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub made: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Logins of accounts that are made without a password.
    pub without_password: Vec<String>,
}

/// What an import could not finish: how many rows were carried out before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutShort {
    pub done: usize,
    pub of: usize,
}

impl Messenger {
    /// Makes and changes accounts, in pieces; `progress` hears how many rows are done. A password is only given to an
    /// account that is made.
    ///
    /// # Errors
    /// [`CutShort`] when the store could not save a piece: those before it are saved, and the same plan made again
    /// holds the rest.
    pub async fn carry_out(
        &self,
        plan: Plan,
        mut progress: impl FnMut(usize, usize),
    ) -> std::result::Result<Imported, CutShort> {
        let Plan { imported, steps, .. } = plan;
        let (of, mut done, mut steps) = (steps.len(), 0, steps.into_iter());
        while done < of {
            let piece: Vec<_> = steps.by_ref().take(PIECE).collect();
            let count = piece.len();
            self.carry_out_piece(piece).await.map_err(|_| CutShort { done, of })?;
            done += count;
            progress(done, of);
        }
        if of > 0 {
            self.refresh_accounts().await.map_err(|_| CutShort { done, of })?;
        }
        Ok(imported)
    }

    /// Passwords are hashed before the transaction begins.
    async fn carry_out_piece(&self, piece: Vec<people::Step>) -> Result<()> {
        let mut entries = Vec::with_capacity(piece.len());
        for people::Step { login, name, profile, password } in piece {
            let hash = match password {
                people::Password::Kept => None,
                // No hash at all: nothing that is typed fits it.
                people::Password::None => Some("!".to_owned()),
                people::Password::New(password) => Some(self.hash(Turn::Own, &password).await?),
            };
            entries.push(Entry { login, name, profile, hash });
        }
        let begun = Instant::now();
        self.0.store.import(entries).await?;
        tokio::time::sleep(begun.elapsed().max(PAUSE)).await;
        Ok(())
    }
}
