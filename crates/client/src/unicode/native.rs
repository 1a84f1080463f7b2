//! The tables of the standard library and of ICU.

use std::{cmp::Ordering, sync::LazyLock};

use icu_collator::{Collator, CollatorBorrowed};
use unicode_normalization::UnicodeNormalization;

/// A text in lower case.
pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// A text in NFKD and lower case: syllables as jamo, accents after their letters, wide letters as plain ones.
pub fn decomposed(text: &str) -> String {
    text.nfkd().collect::<String>().to_lowercase()
}

/// The order of two names in a Korean address book.
pub fn compare_names(one: &str, other: &str) -> Ordering {
    static KOREAN: LazyLock<Option<CollatorBorrowed<'static>>> =
        LazyLock::new(|| Collator::try_new(icu_locale_core::locale!("ko").into(), Default::default()).ok());
    KOREAN.as_ref().map_or_else(|| one.cmp(other), |korean| korean.compare(one, other))
}
