//! Messages with files, and notices of messages, in one line.

use crate::{
    state::{
        attachment::{AttachmentKind, FilesLine, files_line},
        notice::Notice,
    },
    text::{Words, with_count, with_names},
};
use protocol::file::Attachment;

impl Words {
    /// A message in one line: its text, then its files ("사진 3장", "예산.hwp 외 2개"). The sign of files is before the text,
    /// because a row of a list may cut off its end.
    pub fn message_line(&self, files: &[Attachment], body: &str) -> String {
        let Some(line) = files_line(files) else { return body.to_owned() };
        let line = match line {
            FilesLine::Named(name, 0) => name.to_owned(),
            FilesLine::Named(name, others) => with_names(self.and_others, name, &others.to_string()),
            FilesLine::Same(kind, count) => self.files_of(kind, count),
        };
        if body.is_empty() { line } else { format!("📎 {body} · {line}") }
    }

    /// What a notice says in addition to its author.
    pub fn notice_line(&self, notice: &Notice) -> String {
        match notice {
            Notice::Invited { .. } => self.invited.to_owned(),
            Notice::Wrote { body, files, .. } => self.message_line(files, body),
        }
    }

    fn files_of(&self, kind: AttachmentKind, count: usize) -> String {
        let (one, many) = match kind {
            AttachmentKind::Video => (self.video, self.videos),
            AttachmentKind::Sound => (self.sound, self.sounds),
            AttachmentKind::Picture | AttachmentKind::Document => (self.picture, self.pictures),
        };
        if count == 1 { one.to_owned() } else { with_count(many, count) }
    }
}

#[cfg(test)]
mod tests {
    use protocol::{file::PreviewSize, ids::FileId};

    use crate::text::Lang;

    use super::*;

    fn file(name: &str, media_type: &str) -> Attachment {
        let preview = Some(PreviewSize { width: 1, height: 1 });
        Attachment { id: FileId::new(), name: name.into(), media_type: media_type.into(), size: 1, preview, text: None }
    }

    #[test]
    fn a_line_says_what_the_files_are() {
        let (ko, en) = (Lang::Ko.words(), Lang::En.words());
        let (picture, hwp) = (file("a.png", "image/png"), file("예산.hwp", "application/x-hwp"));
        let (video, sound) = (file("a.mp4", "video/mp4"), file("a.mp3", "audio/mpeg"));
        let pictures = vec![picture.clone(); 3];
        assert_eq!(ko.message_line(&[], "안녕"), "안녕");
        assert_eq!(ko.message_line(&pictures[..1], ""), "사진");
        assert_eq!(ko.message_line(&pictures, "야유회"), "📎 야유회 · 사진 3장");
        assert_eq!(en.message_line(&pictures, ""), "3 photos");
        assert_eq!(ko.message_line(&[video], ""), "동영상");
        assert_eq!(ko.message_line(&[sound], ""), "음성");
        assert_eq!(ko.message_line(std::slice::from_ref(&hwp), ""), "예산.hwp");
        assert_eq!(ko.message_line(&[hwp.clone(), picture.clone(), hwp.clone()], ""), "예산.hwp 외 2개");
        assert_eq!(en.message_line(&[hwp, picture], ""), "예산.hwp and 1 more");
    }
}
