//! Import of accounts from a table. The whole table is validated first; then its rows are written in batches, so that
//! posts continue between them. Importing the same table again completes an interrupted import.

mod columns;
mod decoding;
mod outcome;
mod people;
mod table;

use std::time::{Duration, Instant};

use crate::{
    messenger::{hashing::HashPriority, policy::Result, services::Accounts},
    model::{ImportedAccount, ImportedPassword},
};

pub use decoding::TextEncoding;
pub use outcome::{Imported, Interrupted, InvalidRow, RowError, TableError};
pub use people::{PeopleTable, Plan};

/// Rows of one transaction, which delays posts by a few milliseconds.
const BATCH: usize = 200;
/// The shortest pause between two batches. A server in another process retries a busy database after some milliseconds.
const PAUSE: Duration = Duration::from_millis(20);

impl Accounts<'_> {
    /// Inserts and updates accounts in batches, and calls `progress` with the number of written rows and of all rows.
    /// Only a new account gets a password.
    ///
    /// # Errors
    /// [`Interrupted`] if the store fails on a batch. The batches before it are saved; a new plan of the same table
    /// contains the rest.
    pub async fn import(
        self,
        plan: Plan,
        mut progress: impl FnMut(usize, usize),
    ) -> std::result::Result<Imported, Interrupted> {
        let Plan { imported, changes, .. } = plan;
        let (of, mut done, mut changes) = (changes.len(), 0, changes.into_iter());
        while done < of {
            let batch: Vec<_> = changes.by_ref().take(BATCH).collect();
            let count = batch.len();
            self.import_batch(batch).await.map_err(|refusal| Interrupted { done, of, refusal })?;
            done += count;
            progress(done, of);
        }
        if of > 0 {
            self.0.refresh_accounts().await.map_err(|refusal| Interrupted { done, of, refusal })?;
        }
        Ok(imported)
    }

    /// Passwords are hashed before the transaction begins.
    async fn import_batch(self, batch: Vec<people::AccountChange>) -> Result<()> {
        let mut entries = Vec::with_capacity(batch.len());
        for people::AccountChange { login, name, profile, department_order, password } in batch {
            let password = match password {
                people::NewPassword::Kept => ImportedPassword::Keep,
                people::NewPassword::None => ImportedPassword::None,
                people::NewPassword::New(password) => {
                    ImportedPassword::Hash(self.0.hash(HashPriority::Own, &password).await?)
                }
            };
            entries.push(ImportedAccount { login, name, profile, department_order, password });
        }
        let begun = Instant::now();
        self.0.0.store.import(entries).await?;
        tokio::time::sleep(begun.elapsed().max(PAUSE)).await;
        Ok(())
    }
}
