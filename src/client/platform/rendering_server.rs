//! What a page's rendering asks, answered on the server: what holds until the browser says otherwise.

use std::{cmp::Ordering, sync::LazyLock};

use icu_collator::{Collator, CollatorBorrowed};
use unicode_normalization::UnicodeNormalization;

use crate::client::platform::DEFAULT_OFFSET;

pub fn page_language() -> String {
    String::new()
}

pub fn here() -> String {
    "/".to_owned()
}

pub fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}

pub fn utc_offset(_: i64) -> i32 {
    DEFAULT_OFFSET
}

pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

pub fn decomposed(text: &str) -> String {
    text.nfkd().collect::<String>().to_lowercase()
}

pub fn compare_names(one: &str, other: &str) -> Ordering {
    static KOREAN: LazyLock<Option<CollatorBorrowed<'static>>> =
        LazyLock::new(|| Collator::try_new(icu_locale_core::locale!("ko").into(), Default::default()).ok());
    KOREAN.as_ref().map_or_else(|| one.cmp(other), |korean| korean.compare(one, other))
}
