//! The texts by which users are found, as the keystrokes that type them.

use unicode_normalization::UnicodeNormalization;

use crate::model::Account;
use protocol::{key_bytes::byte, keystrokes::keys};

/// Separates the texts of a user. No text contains it: names and profiles have no control characters.
pub(super) const TEXT_END: u8 = b'\n';
/// Separates users.
pub(super) const USER_END: u8 = 0;

/// The texts of an account by which it is found: name, login and job title. Its department is searched by itself.
pub(super) fn texts(account: &Account) -> [&str; 3] {
    [&account.name, &account.login, account.profile.title.as_deref().unwrap_or_default()]
}

/// A text in NFKD and lower case, as clients decompose it for their search.
pub(super) fn decomposed(text: &str) -> String {
    text.nfkd().collect::<String>().to_lowercase()
}

/// The keystrokes of a text, each in one byte.
pub(super) fn key_bytes(text: &str) -> Vec<u8> {
    keys(&decomposed(text)).into_iter().map(byte).collect()
}

/// The search keys of an account, as the index has them; empty for a disabled one.
pub(super) fn keys_of(account: &Account) -> Vec<u8> {
    if account.disabled {
        return Vec::new();
    }
    let mut keys = texts(account).map(key_bytes).join(&TEXT_END);
    keys.truncate(usize::from(u16::MAX));
    keys
}
