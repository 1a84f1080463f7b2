//! A map that evicts entries which were not used for a period. It never sweeps: entries move to the younger of two
//! generations when they are used, and the older generation is dropped as a whole.

use std::{
    collections::HashMap,
    hash::Hash,
    mem,
    time::{Duration, Instant},
};

/// Entries of a generation, at most. A flood of keys shortens the period instead of growing the map.
const ENTRIES: usize = 50_000;

pub(super) struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    begun: Option<Instant>,
}

impl<K, V> Default for Generations<K, V> {
    fn default() -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), begun: None }
    }
}

impl<K: Eq + Hash, V> Generations<K, V> {
    /// The entry, created when missing. It stays for at least `period` after its last use here, except in a flood.
    pub(super) fn entry(&mut self, key: K, period: Duration, now: Instant, make: impl FnOnce() -> V) -> &mut V {
        self.rotate(period, now);
        let known = self.old.remove(&key);
        self.young.entry(key).or_insert_with(|| known.unwrap_or_else(make))
    }

    /// The entry; this does not count as a use.
    pub(super) fn get(&mut self, key: &K, period: Duration, now: Instant) -> Option<&V> {
        self.rotate(period, now);
        self.young.get(key).or_else(|| self.old.get(key))
    }

    fn rotate(&mut self, period: Duration, now: Instant) {
        let begun = *self.begun.get_or_insert(now);
        let age = now.saturating_duration_since(begun);
        if age >= period || self.young.len() >= ENTRIES {
            self.old = mem::take(&mut self.young);
            self.begun = Some(now);
        }
        if age >= 2 * period {
            self.old.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_secs(10);

    #[test]
    fn an_entry_stays_for_a_period_after_its_last_use_and_is_evicted_after_two() {
        let (mut table, now) = (Generations::default(), Instant::now());
        let at = |seconds| now + Duration::from_secs(seconds);
        *table.entry("kept", PERIOD, at(0), || 0) = 1;
        *table.entry("left", PERIOD, at(0), || 0) = 1;
        assert_eq!(*table.entry("kept", PERIOD, at(12), || 0), 1);
        assert_eq!(table.get(&"left", PERIOD, at(12)), Some(&1));
        assert_eq!(*table.entry("kept", PERIOD, at(21), || 0), 1);
        assert_eq!(*table.entry("kept", PERIOD, at(30), || 0), 1);
        assert_eq!(table.get(&"left", PERIOD, at(30)), None);
        assert_eq!(table.get(&"kept", PERIOD, at(90)), None, "a long silence evicts all");
    }

    #[test]
    fn a_flood_of_keys_costs_a_bounded_table() {
        let (mut table, now) = (Generations::default(), Instant::now());
        for key in 0..5 * ENTRIES {
            table.entry(key, PERIOD, now, || ());
            assert!(table.young.len() <= ENTRIES && table.old.len() <= ENTRIES);
        }
    }
}
