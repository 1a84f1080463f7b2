//! Hashes and verifies passwords.

use crate::{
    messenger::{hashing::HashPriority, inner::Messenger, policy::Result},
    text,
};
use protocol::{
    error::Refusal,
    limit::{DEMO_PASSWORD, PASSWORD_CHARS},
};

impl Messenger {
    /// # Errors
    /// [`Refusal::InvalidPassword`], [`Refusal::Unavailable`] when the queue of hashes is full.
    pub(super) async fn hash(&self, priority: HashPriority, password: &str) -> Result<String> {
        if !PASSWORD_CHARS.contains(&password.chars().count()) && !self.is_demo_password(password) {
            return Err(Refusal::InvalidPassword);
        }
        self.0.hashing.hash(priority, text::password(password)).await
    }

    /// The demonstration's password is shorter than the minimum, and not a secret.
    fn is_demo_password(&self, password: &str) -> bool {
        self.policy().demo && password == DEMO_PASSWORD
    }

    /// Whether a password matches the hash. Without a hash it takes the same time.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] when the queue of hashes is full.
    pub(super) async fn verify(&self, priority: HashPriority, password: &str, hash: Option<String>) -> Result<bool> {
        // No password is longer, so hashing this one would only let strangers cause work.
        if password.chars().count() > *PASSWORD_CHARS.end() {
            return Ok(false);
        }
        let mut passwords = vec![text::password(password)];
        if passwords[0] != password {
            // Earlier versions hashed the password without normalising it to NFC.
            passwords.push(password.to_owned());
        }
        self.0.hashing.verify(priority, passwords, hash).await
    }
}
