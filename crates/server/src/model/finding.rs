//! Results of the integrity check.

/// The result of checking one invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The invariant, as a sentence.
    pub what: &'static str,
    /// How many rows were checked, if they were counted.
    pub rows: Option<u64>,
    /// Violations: a few examples, then how many more there are. Empty if the invariant holds.
    pub wrong: Vec<String>,
}
