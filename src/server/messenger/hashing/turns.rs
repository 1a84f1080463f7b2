//! In which order hashes are computed. Plain data: who waits, by lane and network.

use std::collections::VecDeque;

use crate::server::{messenger::hashing::argon::Memory, network::Network};

/// Hashes of one lane that may wait: a second or two.
const WAITING: usize = 64;
/// Of them from one network.
const WAITING_OF_ONE: usize = 16;
/// Hashes of known people for one of strangers, while both wait.
const KNOWN_FIRST: usize = 3;

/// Whose hash it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server::messenger) enum Turn {
    /// An operator's or a signed-in person's own; these come first and are never too many.
    Own,
    /// Of somebody who has signed in from there before.
    Known(Network),
    Stranger(Network),
}

/// One hash that somebody waits for.
pub(super) trait Work: Send {
    fn is_wanted(&self) -> bool;

    fn run(self: Box<Self>, memory: &mut Memory);
}

/// There are as many as may wait.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

#[derive(Default)]
pub(super) struct Turns {
    own: VecDeque<Box<dyn Work>>,
    known: Lane,
    strangers: Lane,
    /// Hashes of known people since the last one of a stranger.
    since_stranger: usize,
}

/// One hash of each network in turn.
#[derive(Default)]
struct Lane {
    networks: VecDeque<(Network, VecDeque<Box<dyn Work>>)>,
    count: usize,
}

impl Turns {
    pub(super) fn push(&mut self, turn: Turn, work: Box<dyn Work>) -> Result<(), Full> {
        match turn {
            Turn::Own => {
                self.own.push_back(work);
                Ok(())
            }
            Turn::Known(network) => self.known.push(network, work),
            Turn::Stranger(network) => self.strangers.push(network, work),
        }
    }

    /// The next that somebody still waits for.
    pub(super) fn next(&mut self) -> Option<Box<dyn Work>> {
        while let Some(work) = self.own.pop_front() {
            if work.is_wanted() {
                return Some(work);
            }
        }
        let is_turn_of_strangers = self.since_stranger >= KNOWN_FIRST;
        let known = if is_turn_of_strangers { None } else { self.known.next() };
        if known.is_some() {
            self.since_stranger += 1;
            return known;
        }
        self.since_stranger = 0;
        self.strangers.next().or_else(|| self.known.next())
    }
}

impl Lane {
    fn push(&mut self, network: Network, work: Box<dyn Work>) -> Result<(), Full> {
        if self.count >= WAITING {
            self.forget_unwanted();
        }
        let at = self.networks.iter().position(|(known, _)| *known == network);
        let of_one = at.map_or(0, |at| self.networks[at].1.len());
        if self.count >= WAITING || of_one >= WAITING_OF_ONE {
            return Err(Full);
        }
        self.count += 1;
        match at {
            Some(at) => self.networks[at].1.push_back(work),
            None => self.networks.push_back((network, [work].into())),
        }
        Ok(())
    }

    fn forget_unwanted(&mut self) {
        self.networks.iter_mut().for_each(|(_, waiting)| waiting.retain(|work| work.is_wanted()));
        self.networks.retain(|(_, waiting)| !waiting.is_empty());
        self.count = self.networks.iter().map(|(_, waiting)| waiting.len()).sum();
    }

    fn next(&mut self) -> Option<Box<dyn Work>> {
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

    impl Work for Noted {
        fn is_wanted(&self) -> bool {
            self.1
        }

        fn run(self: Box<Self>, _: &mut Memory) {
            self.2.lock().unwrap().push(self.0);
        }
    }

    #[derive(Default)]
    struct Stage(Turns, Arc<Mutex<Vec<&'static str>>>);

    impl Stage {
        fn push(&mut self, turn: Turn, name: &'static str, is_wanted: bool) -> Result<(), Full> {
            self.0.push(turn, Box::new(Noted(name, is_wanted, self.1.clone())))
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
        let mut stage = Stage::default();
        for name in ["a1", "a2", "a3"] {
            stage.push(Turn::Stranger(network(1)), name, true).unwrap();
        }
        stage.push(Turn::Stranger(network(2)), "b1", true).unwrap();
        assert_eq!(stage.run(), ["a1", "b1", "a2", "a3"]);
    }

    #[test]
    fn known_people_come_first_and_strangers_still_come() {
        let mut stage = Stage::default();
        for name in ["s1", "s2"] {
            stage.push(Turn::Stranger(network(1)), name, true).unwrap();
        }
        for name in ["k1", "k2", "k3", "k4"] {
            stage.push(Turn::Known(network(2)), name, true).unwrap();
        }
        stage.push(Turn::Own, "o", true).unwrap();
        assert_eq!(stage.run(), ["o", "k1", "k2", "k3", "s1", "k4", "s2"]);
    }

    #[test]
    fn who_hung_up_costs_nothing_and_keeps_nobody_out() {
        let mut stage = Stage::default();
        for last in 0..u8::try_from(WAITING).unwrap() {
            stage.push(Turn::Stranger(network(last)), "gone", false).unwrap();
        }
        assert_eq!(stage.push(Turn::Stranger(network(200)), "here", true), Ok(()));
        assert_eq!(stage.run(), ["here"]);
    }

    #[test]
    fn few_may_wait_and_fewer_of_one_network() {
        let mut stage = Stage::default();
        let of_one = (0..100).filter(|_| stage.push(Turn::Stranger(network(1)), "", true).is_ok()).count();
        assert_eq!(of_one, WAITING_OF_ONE);
        let of_others = (2..200).filter(|last| stage.push(Turn::Stranger(network(*last)), "", true).is_ok()).count();
        assert_eq!(of_one + of_others, WAITING);
        assert_eq!(stage.push(Turn::Known(network(1)), "", true), Ok(()), "the lanes are apart");
        assert_eq!(stage.run().len(), WAITING + 1);
    }
}
