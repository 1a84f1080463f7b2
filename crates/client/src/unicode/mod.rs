//! Case, decomposition and collation of text: by the browser's tables in the browser, so that the program need not carry
//! its own, by ICU's natively. Pure functions; both sides agree on what the product's tests cover.

#[cfg(feature = "hydrate")]
#[path = "browser.rs"]
mod tables;
#[cfg(not(feature = "hydrate"))]
#[path = "native.rs"]
mod tables;

pub use tables::{compare_names, decomposed, lower};
