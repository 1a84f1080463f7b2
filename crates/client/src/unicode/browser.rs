//! The browser's tables.

use std::cmp::Ordering;

use wasm_bindgen::{JsCast, JsValue};

/// A text in lower case.
pub fn lower(text: &str) -> String {
    String::from(js_sys::JsString::from(text).to_lower_case())
}

/// A text in NFKD and lower case: syllables as jamo, accents after their letters, wide letters as plain ones.
pub fn decomposed(text: &str) -> String {
    String::from(js_sys::JsString::from(text).normalize("NFKD").to_lower_case())
}

/// The order of two names in a Korean address book.
pub fn compare_names(one: &str, other: &str) -> Ordering {
    compare("ko", one, other)
}

/// The same of two departments: numbers in their names count as numbers.
pub fn compare_departments(one: &str, other: &str) -> Ordering {
    compare("ko-u-kn", one, other)
}

fn compare(locale: &str, one: &str, other: &str) -> Ordering {
    // A plain string and no options: browsers then cache the collator.
    let (locale, options) = (JsValue::from_str(locale).unchecked_into(), JsValue::UNDEFINED.unchecked_into());
    js_sys::JsString::from(one).locale_compare(other, &locale, &options).cmp(&0)
}
