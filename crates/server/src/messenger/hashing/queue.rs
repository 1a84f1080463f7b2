//! The queue of hash jobs by priority and network, without threads.

use std::collections::VecDeque;

use crate::{messenger::hashing::argon::Memory, network::Network};

/// Capacity of a lane: a second or two of work.
const WAITING: usize = 64;
/// The part of it that one network may fill.
const WAITING_OF_ONE: usize = 16;
/// Jobs of known users for each job of a stranger, while both lanes have jobs.
const KNOWN_FIRST: usize = 3;

/// The lane of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::messenger) enum HashPriority {
    /// A job of an operator or of a signed-in user. It runs first, from a lane without a limit.
    Own,
    /// A job of a user who has signed in from this network before.
    Known(Network),
    Stranger(Network),
}

/// A hash to compute.
pub(super) trait HashJob: Send {
    /// Whether the caller still waits for it.
    fn is_wanted(&self) -> bool;

    fn run(self: Box<Self>, memory: &mut Memory);
}

/// The lane has reached its capacity.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct QueueFull;

#[derive(Default)]
pub(super) struct HashQueue {
    own: VecDeque<Box<dyn HashJob>>,
    known: Lane,
    strangers: Lane,
    /// Jobs of known users since the last job of a stranger.
    since_stranger: usize,
}

/// A round robin over networks.
#[derive(Default)]
struct Lane {
    networks: VecDeque<(Network, VecDeque<Box<dyn HashJob>>)>,
    count: usize,
}

impl HashQueue {
    pub(super) fn push(&mut self, priority: HashPriority, work: Box<dyn HashJob>) -> Result<(), QueueFull> {
        match priority {
            HashPriority::Own => {
                self.own.push_back(work);
                Ok(())
            }
            HashPriority::Known(network) => self.known.push(network, work),
            HashPriority::Stranger(network) => self.strangers.push(network, work),
        }
    }

    /// The next job that is still wanted.
    pub(super) fn next(&mut self) -> Option<Box<dyn HashJob>> {
        while let Some(work) = self.own.pop_front() {
            if work.is_wanted() {
                return Some(work);
            }
        }
        let is_strangers_turn = self.since_stranger >= KNOWN_FIRST;
        let known = if is_strangers_turn { None } else { self.known.next() };
        if known.is_some() {
            self.since_stranger += 1;
            return known;
        }
        self.since_stranger = 0;
        self.strangers.next().or_else(|| self.known.next())
    }
}

impl Lane {
    fn push(&mut self, network: Network, work: Box<dyn HashJob>) -> Result<(), QueueFull> {
        if self.count >= WAITING {
            self.remove_unwanted();
        }
        let at = self.networks.iter().position(|(known, _)| *known == network);
        let of_one = at.map_or(0, |at| self.networks[at].1.len());
        if self.count >= WAITING || of_one >= WAITING_OF_ONE {
            return Err(QueueFull);
        }
        self.count += 1;
        match at {
            Some(at) => self.networks[at].1.push_back(work),
            None => self.networks.push_back((network, [work].into())),
        }
        Ok(())
    }

    fn remove_unwanted(&mut self) {
        self.networks.iter_mut().for_each(|(_, waiting)| waiting.retain(|work| work.is_wanted()));
        self.networks.retain(|(_, waiting)| !waiting.is_empty());
        self.count = self.networks.iter().map(|(_, waiting)| waiting.len()).sum();
    }

    fn next(&mut self) -> Option<Box<dyn HashJob>> {
        while let Some((network, mut waiting)) = self.networks.pop_front() {
            let work = waiting.pop_front();
            self.count -= usize::from(work.is_some());
            if !waiting.is_empty() {
                self.networks.push_back((network, waiting));
            }
            if let Some(work) = work.filter(|work| work.is_wanted()) {
                return Some(work);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::IpAddr,
        sync::{Arc, Mutex},
    };

    use super::*;

    struct Noted(&'static str, bool, Arc<Mutex<Vec<&'static str>>>);

    impl HashJob for Noted {
        fn is_wanted(&self) -> bool {
            self.1
        }

        fn run(self: Box<Self>, _: &mut Memory) {
            self.2.lock().unwrap().push(self.0);
        }
    }

    #[derive(Default)]
    struct RecordedQueue(HashQueue, Arc<Mutex<Vec<&'static str>>>);

    impl RecordedQueue {
        fn push(&mut self, priority: HashPriority, name: &'static str, is_wanted: bool) -> Result<(), QueueFull> {
            self.0.push(priority, Box::new(Noted(name, is_wanted, self.1.clone())))
        }

        fn run(mut self) -> Vec<&'static str> {
            while let Some(work) = self.0.next() {
                work.run(&mut Memory::default());
            }
            std::mem::take(&mut *self.1.lock().unwrap())
        }
    }

    fn network(last: u8) -> Network {
        IpAddr::from([198, 51, 100, last]).into()
    }

    #[test]
    fn networks_take_turns_however_many_each_sends() {
        let mut stage = RecordedQueue::default();
        for name in ["a1", "a2", "a3"] {
            stage.push(HashPriority::Stranger(network(1)), name, true).unwrap();
        }
        stage.push(HashPriority::Stranger(network(2)), "b1", true).unwrap();
        assert_eq!(stage.run(), ["a1", "b1", "a2", "a3"]);
    }

    #[test]
    fn known_users_come_first_and_strangers_still_get_their_share() {
        let mut stage = RecordedQueue::default();
        for name in ["s1", "s2"] {
            stage.push(HashPriority::Stranger(network(1)), name, true).unwrap();
        }
        for name in ["k1", "k2", "k3", "k4"] {
            stage.push(HashPriority::Known(network(2)), name, true).unwrap();
        }
        stage.push(HashPriority::Own, "o", true).unwrap();
        assert_eq!(stage.run(), ["o", "k1", "k2", "k3", "s1", "k4", "s2"]);
    }

    #[test]
    fn an_abandoned_job_costs_nothing_and_takes_no_capacity() {
        let mut stage = RecordedQueue::default();
        for last in 0..u8::try_from(WAITING).unwrap() {
            stage.push(HashPriority::Stranger(network(last)), "gone", false).unwrap();
        }
        assert_eq!(stage.push(HashPriority::Stranger(network(200)), "here", true), Ok(()));
        assert_eq!(stage.run(), ["here"]);
    }

    #[test]
    fn a_lane_and_a_network_have_a_capacity() {
        let mut stage = RecordedQueue::default();
        let of_one = (0..100).filter(|_| stage.push(HashPriority::Stranger(network(1)), "", true).is_ok()).count();
        assert_eq!(of_one, WAITING_OF_ONE);
        let of_others =
            (2..200).filter(|last| stage.push(HashPriority::Stranger(network(*last)), "", true).is_ok()).count();
        assert_eq!(of_one + of_others, WAITING);
        assert_eq!(stage.push(HashPriority::Known(network(1)), "", true), Ok(()), "the lanes are apart");
        assert_eq!(stage.run().len(), WAITING + 1);
    }
}
