//! A search in the messages of one room: its query, the hits received so far, and the shown hit.

use protocol::{message::Message, room_socket::RoomCommand};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomSearch {
    pub query: String,
    /// Newest first; `None` before the first answer.
    pub hits: Option<Vec<Message>>,
    /// The `seq` of the hit that the log shows.
    pub shown: Option<u64>,
    /// Whether an answer is awaited.
    pub is_searching: bool,
    /// The `before` of the next page.
    before: Option<u64>,
}

impl RoomSearch {
    /// Starts a search; `None` for an empty query.
    pub fn ask(&mut self, query: &str) -> Option<RoomCommand> {
        let query = query.trim().to_owned();
        *self = Self { is_searching: !query.is_empty(), query, ..Self::default() };
        self.is_searching.then(|| RoomCommand::Search { query: self.query.clone(), before: None })
    }

    /// Starts the current search again, on a new connection.
    pub fn ask_again(&mut self) -> Option<RoomCommand> {
        let (query, shown) = (self.query.clone(), self.shown);
        let command = self.ask(&query);
        self.shown = shown;
        command
    }

    /// Requests the next page; `None` after the last one, or while an answer is awaited.
    pub fn ask_older(&mut self) -> Option<RoomCommand> {
        let before = self.before.take()?;
        self.is_searching = true;
        Some(RoomCommand::Search { query: self.query.clone(), before: Some(before) })
    }

    pub fn has_older(&self) -> bool {
        self.before.is_some()
    }

    /// Adds a page of hits; a page of an earlier search is dropped.
    pub fn add(&mut self, query: &str, messages: Vec<Message>, before: Option<u64>) {
        if self.query == query {
            self.hits.get_or_insert_default().extend(messages.into_iter().filter(|hit| hit.recalled.is_none()));
            (self.before, self.is_searching) = (before, false);
        }
    }

    /// Cancels a request that was refused, or not sent.
    pub fn cancel(&mut self) {
        self.is_searching = false;
    }

    /// Applies a changed message: a hit shows its current text, and a recalled message is no hit any more.
    pub fn update(&mut self, message: &Message) {
        let Some(hits) = &mut self.hits else { return };
        if message.recalled.is_some() {
            hits.retain(|hit| hit.id != message.id);
        } else if let Some(hit) = hits.iter_mut().find(|hit| hit.id == message.id && hit.version < message.version) {
            *hit = message.clone();
        }
    }

    /// The index of the shown hit, from 0 for the newest.
    pub fn index(&self) -> Option<usize> {
        self.hits.as_ref()?.iter().position(|hit| Some(hit.seq) == self.shown)
    }

    /// Moves to the next hit: an older one (`step` 1) or a newer one (-1), at first the newest. Returns its `seq`;
    /// `None` at an end.
    pub fn step(&mut self, step: isize) -> Option<u64> {
        let next = match self.index() {
            Some(index) => index.checked_add_signed(step)?,
            None => 0,
        };
        let seq = self.hits.as_ref()?.get(next)?.seq;
        self.shown = Some(seq);
        Some(seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{
        ids::{MessageId, UserId},
        message::Recalled,
    };

    fn hit(seq: u64) -> Message {
        Message::new(MessageId::new(), seq, UserId::new(), "회의".into(), 0)
    }

    #[test]
    fn steps_lead_from_the_newest_hit_to_the_oldest_and_back() {
        let mut search = RoomSearch::default();
        assert_eq!(search.ask("  "), None);
        assert!(search.ask(" 회의 ").is_some() && search.is_searching);
        assert_eq!(search.step(1), None, "no answer yet");
        search.add("다른 말", vec![hit(1)], None);
        assert_eq!(search.hits, None, "of an earlier search");
        search.add("회의", vec![hit(9), hit(7)], Some(70));
        assert_eq!((search.step(1), search.step(1), search.step(1)), (Some(9), Some(7), None));
        assert!(search.ask_older().is_some() && search.ask_older().is_none());
        search.add("회의", vec![hit(3)], None);
        assert_eq!((search.step(1), search.index()), (Some(3), Some(2)));
        assert_eq!((search.step(-1), search.step(-1), search.step(-1)), (Some(7), Some(9), None));
    }

    #[test]
    fn hits_follow_their_messages() {
        let mut search = RoomSearch::default();
        search.ask("회의");
        let (edited, recalled) = (hit(9), hit(7));
        search.add("회의", vec![edited.clone(), recalled.clone()], None);
        search.update(&Message { body: "고친 회의".into(), version: 10, ..edited.clone() });
        search.update(&edited);
        search.update(&Message { recalled: Some(Recalled::BeforeRead), version: 11, ..recalled });
        let hits = search.hits.as_ref().unwrap();
        assert_eq!(hits.iter().map(|hit| hit.body.as_str()).collect::<Vec<_>>(), ["고친 회의"]);
        search.shown = Some(9);
        assert!(search.ask_again().is_some());
        assert_eq!((search.hits.as_ref(), search.shown), (None, Some(9)));
    }
}
