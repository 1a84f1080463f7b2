//! The findings of `check` that both engines make alike.

use crate::model::Finding;

/// Examples reported for one invariant.
const EXAMPLES: usize = 5;

/// The first examples, and how many more there are.
pub(super) fn examples(mut wrong: Vec<String>) -> Vec<String> {
    let count = wrong.len();
    wrong.truncate(EXAMPLES);
    if count > EXAMPLES {
        wrong.push(format!("and {} more", count - EXAMPLES));
    }
    wrong
}

/// Compares the number of messages with those of different ids, positions and versions.
pub(super) fn uniqueness((rows, ids, positions, versions): (i64, i64, i64, i64)) -> Finding {
    let counts = [("ids", ids), ("positions", positions), ("versions", versions)];
    let wrong = counts.iter().filter(|(_, count)| *count != rows).map(|(of, count)| format!("{count} {of}"));
    Finding {
        what: "ids, positions and versions are unique",
        rows: Some(rows as u64),
        wrong: wrong.map(|wrong| format!("{rows} messages, {wrong}")).collect(),
    }
}
