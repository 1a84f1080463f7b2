//! Case, decomposition and collation of text: by the browser's tables in the browser, so that the program does not
//! contain them, and by ICU natively. Pure functions; the tests show that both give the same results for what the
//! product needs.

#[cfg(feature = "hydrate")]
#[path = "browser.rs"]
mod tables;
#[cfg(not(feature = "hydrate"))]
#[path = "native.rs"]
mod tables;

pub use tables::{compare_departments, compare_names, decomposed, lower};
