//! Results of the integrity check.

/// The result of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule, as a sentence.
    pub what: &'static str,
    /// How many rows were checked, if they were counted.
    pub rows: Option<u64>,
    /// Violations: a few examples, then how many more there are. Empty if the rule holds.
    pub wrong: Vec<String>,
}
