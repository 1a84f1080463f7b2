//! A collection of a user's messages, such as mentions of them: the pages received so far.

use protocol::{
    ids::MessageId,
    lobby_socket::{Collection, Hit, LobbyCommand},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectedHits {
    pub of: Collection,
    /// Newest first; `None` before the first answer.
    pub hits: Option<Vec<Hit>>,
    /// The `before` of the next page.
    before: Option<u64>,
    /// Whether the first page is awaited.
    is_asking: bool,
}

impl CollectedHits {
    pub fn new(of: Collection) -> Self {
        Self { of, hits: None, before: None, is_asking: false }
    }

    /// The command for the first page.
    pub fn ask(&mut self) -> LobbyCommand {
        self.is_asking = true;
        LobbyCommand::Collect { of: self.of, before: None }
    }

    /// The command for the next page; `None` after the last one, or while an answer is awaited.
    pub fn ask_older(&mut self) -> Option<LobbyCommand> {
        let before = self.before.take()?;
        Some(LobbyCommand::Collect { of: self.of, before: Some(before) })
    }

    pub fn has_older(&self) -> bool {
        self.before.is_some()
    }

    /// Adds a page. A first page that was requested again is inserted before the known hits.
    pub fn add(&mut self, mut page: Vec<Hit>, before: Option<u64>) {
        let is_first = std::mem::take(&mut self.is_asking);
        let mut known = self.hits.take().unwrap_or_default();
        if !is_first || known.is_empty() {
            self.before = before;
        }
        if is_first {
            known.retain(|hit| page.iter().all(|other| other.message.id != hit.message.id));
            page.append(&mut known);
            self.hits = Some(page);
        } else {
            known.append(&mut page);
            self.hits = Some(known);
        }
    }

    /// Drops these messages.
    pub fn remove_messages(&mut self, messages: &[MessageId]) {
        if let Some(hits) = &mut self.hits {
            hits.retain(|hit| !messages.contains(&hit.message.id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{
        ids::{RoomId, UserId},
        message::Message,
    };

    fn hit(seq: u64) -> Hit {
        Hit { room: RoomId::new(), message: Message::new(MessageId::new(), seq, UserId::new(), "@나".into(), 0) }
    }

    #[test]
    fn pages_follow_each_other_and_the_first_one_again_comes_before() {
        let (mut list, hits) = (CollectedHits::new(Collection::Mentions), [1, 2, 3, 4].map(hit));
        let seqs = |list: &CollectedHits| list.hits.iter().flatten().map(|hit| hit.message.seq).collect::<Vec<_>>();
        list.ask();
        list.add(vec![hits[2].clone(), hits[1].clone()], Some(7));
        assert_eq!(list.ask_older(), Some(LobbyCommand::Collect { of: Collection::Mentions, before: Some(7) }));
        assert_eq!(list.ask_older(), None, "one answer at a time");
        list.add(vec![hits[0].clone()], None);
        list.ask();
        list.add(vec![hits[3].clone(), hits[2].clone()], Some(8));
        assert_eq!((seqs(&list), list.has_older()), (vec![4, 3, 2, 1], false));
        list.remove_messages(&[hits[3].message.id]);
        assert_eq!(seqs(&list), [3, 2, 1]);
    }
}
