//! The changes of rooms of which a user is notified.

use crate::state::{
    lobby::model::{Lobby, is_mention_wanted},
    notice::Notice,
};
use protocol::{message::Message, room::RoomSummary};

/// Characters of a message in a notice.
const NOTICE_CHARS: usize = 120;

impl Lobby {
    /// The notice for a changed room, if it has unread messages that the known room did not have; for a muted room, if
    /// it has a new mention.
    pub(super) fn notice_of(&self, room: &RoomSummary) -> Option<Notice> {
        // The count alone is not enough: it has an upper bound, and one message may be read while another arrives.
        let progress = |room: &RoomSummary| (room.unread, room.last.as_ref().map_or(0, |last| last.seq));
        let known = self.room(room.id);
        let is_news = match room.is_muted {
            false => progress(room) > known.map_or((0, 0), progress),
            true => room.mentioned > known.and_then(|known| known.mentioned),
        };
        if is_news { self.notice_of_newest(room) } else { None }
    }

    /// The notice of the room's newest message, if it is unread and the room is not muted, or has an unread mention.
    fn notice_of_newest(&self, room: &RoomSummary) -> Option<Notice> {
        let is_written_by_other =
            |last: &&Message| last.author != self.me && last.system_event.is_none() && last.recalled.is_none();
        let is_wanted = room.unread > 0 && (!room.is_muted || is_mention_wanted(room));
        let last = room.last.as_ref().filter(is_written_by_other).filter(|_| is_wanted)?;
        let body = last.body.chars().take(NOTICE_CHARS).collect();
        Some(Notice::Wrote { room: room.id, by: last.author, id: last.id, body, files: last.files.clone() })
    }

    /// The notice in the room's current state: `None` if the room was read, muted or left, or the message was recalled.
    pub fn current_notice(&self, notice: &Notice) -> Option<Notice> {
        let room = self.room(notice.room());
        if room.is_some_and(|room| room.is_muted && !is_mention_wanted(room)) {
            return None;
        }
        let Notice::Wrote { id, .. } = notice else { return Some(notice.clone()) };
        let room = room.filter(|room| room.unread > 0)?;
        let is_newest = room.last.as_ref().is_some_and(|last| last.id == *id);
        // A system event, or a message of the user's own, does not replace the notice of an earlier message.
        self.notice_of_newest(room).or_else(|| Some(notice.clone()).filter(|_| !is_newest))
    }
}
