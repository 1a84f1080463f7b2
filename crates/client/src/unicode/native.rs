//! The tables of the standard library and of ICU.

use std::{cmp::Ordering, sync::LazyLock};

use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences, preferences::CollationNumericOrdering};
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
    static KOREAN: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| korean(false));
    compare(&KOREAN, one, other)
}

/// The same of two departments: numbers in their names count as numbers.
pub fn compare_departments(one: &str, other: &str) -> Ordering {
    static KOREAN: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| korean(true));
    compare(&KOREAN, one, other)
}

fn korean(is_numeric: bool) -> Option<CollatorBorrowed<'static>> {
    let mut preferences = CollatorPreferences::from(icu_locale_core::locale!("ko"));
    preferences.numeric_ordering = is_numeric.then_some(CollationNumericOrdering::True);
    Collator::try_new(preferences, Default::default()).ok()
}

fn compare(collator: &Option<CollatorBorrowed<'static>>, one: &str, other: &str) -> Ordering {
    collator.as_ref().map_or_else(|| one.cmp(other), |collator| collator.compare(one, other))
}
