//! The list of a room's files: the query, and the pages received so far.

use protocol::{file::RoomFile, message::Message, room_socket::RoomCommand};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSearch {
    /// A part of a name; empty for all files.
    pub query: String,
    /// Newest first; `None` before the first answer.
    pub files: Option<Vec<RoomFile>>,
    /// The `before` of the next page.
    before: Option<u64>,
}

impl FileSearch {
    pub fn new(query: String) -> Self {
        Self { query, files: None, before: None }
    }

    /// The command that starts the search.
    pub fn command(&self) -> RoomCommand {
        RoomCommand::Files { query: self.wanted(), before: None }
    }

    /// The command for the next page; `None` after the last one, or while an answer is pending.
    pub fn ask_older(&mut self) -> Option<RoomCommand> {
        let before = self.before.take()?;
        Some(RoomCommand::Files { query: self.wanted(), before: Some(before) })
    }

    pub fn has_older(&self) -> bool {
        self.before.is_some()
    }

    /// Adds a page; a page of an earlier query is dropped.
    pub fn add(&mut self, query: Option<&String>, files: Vec<RoomFile>, before: Option<u64>) {
        if query == self.wanted().as_ref() {
            self.files.get_or_insert_default().extend(files);
            self.before = before;
        }
    }

    /// Follows a message of the room: a recall removes its files from the list; a new message adds them to the list
    /// without a query.
    pub fn follow(&mut self, message: &Message) {
        let Some(files) = &mut self.files else { return };
        if message.recalled.is_some() {
            files.retain(|known| known.seq != message.seq);
        } else if self.query.trim().is_empty() && files.first().is_none_or(|newest| newest.seq < message.seq) {
            let Message { seq, author, sent_at, .. } = *message;
            files.splice(0..0, message.files.iter().map(|file| RoomFile { seq, author, sent_at, file: file.clone() }));
        }
    }

    fn wanted(&self) -> Option<String> {
        Some(self.query.trim().to_owned()).filter(|query| !query.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use protocol::{
        file::Attachment,
        ids::{FileId, MessageId, UserId},
        message::Recalled,
    };

    use super::*;

    fn message(seq: u64) -> Message {
        let (id, name) = (FileId::new(), "예산.hwp".to_owned());
        let file = Attachment { id, name, media_type: "application/x-hwp".into(), size: 1, preview: None, text: None };
        Message { files: vec![file], ..Message::new(MessageId::new(), seq, UserId::new(), String::new(), 0) }
    }

    fn found(seq: u64) -> RoomFile {
        let Message { author, sent_at, files, .. } = message(seq);
        RoomFile { seq, author, sent_at, file: files[0].clone() }
    }

    fn seqs(search: &FileSearch) -> Vec<u64> {
        search.files.iter().flatten().map(|file| file.seq).collect()
    }

    #[test]
    fn pages_follow_each_other_and_answers_to_earlier_queries_are_dropped() {
        let mut search = FileSearch::new(" 예산 ".into());
        let query = Some("예산".to_owned());
        assert_eq!(search.command(), RoomCommand::Files { query: query.clone(), before: None });
        search.add(None, vec![found(9)], None);
        assert_eq!(search.files, None);
        search.add(query.as_ref(), vec![found(8)], Some(8));
        assert_eq!(search.ask_older(), Some(RoomCommand::Files { query: query.clone(), before: Some(8) }));
        assert!(search.ask_older().is_none() && !search.has_older());
        search.add(query.as_ref(), vec![found(3)], None);
        assert_eq!(seqs(&search), [8, 3]);
    }

    #[test]
    fn an_open_list_follows_the_room() {
        let mut search = FileSearch::new(String::new());
        search.follow(&message(4));
        assert_eq!(search.files, None);
        search.add(None, vec![found(4)], None);
        search.follow(&message(4));
        search.follow(&message(5));
        assert_eq!(seqs(&search), [5, 4]);
        search.follow(&Message { recalled: Some(Recalled::BeforeRead), files: vec![], ..message(4) });
        assert_eq!(seqs(&search), [5]);
        let mut search = FileSearch::new("보고".into());
        search.add(Some(&"보고".to_owned()), vec![], None);
        search.follow(&message(6));
        assert!(seqs(&search).is_empty());
    }
}
