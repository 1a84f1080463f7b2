//! A file as users see it: its kind, its extension, its size in words.

use protocol::file::Attachment;

/// How a file is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttachmentKind {
    /// With a preview, so that its size is known before its bytes arrive.
    Picture,
    Video,
    Sound,
    Document,
}

impl AttachmentKind {
    pub fn of(file: &Attachment) -> Self {
        match file.media_type.split('/').next() {
            Some("image") if file.preview.is_some() => Self::Picture,
            Some("video") => Self::Video,
            Some("audio") => Self::Sound,
            _ => Self::Document,
        }
    }
}

/// Files in one line of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilesLine<'a> {
    /// All files are of this kind, which is not [`AttachmentKind::Document`].
    Same(AttachmentKind, usize),
    /// The name of the first file, and the number of the others.
    Named(&'a str, usize),
}

/// `None` without files.
pub fn files_line(files: &[Attachment]) -> Option<FilesLine<'_>> {
    let first = files.first()?;
    let kind = AttachmentKind::of(first);
    let is_same = kind != AttachmentKind::Document && files.iter().all(|file| AttachmentKind::of(file) == kind);
    Some(if is_same { FilesLine::Same(kind, files.len()) } else { FilesLine::Named(&first.name, files.len() - 1) })
}

/// A name in two parts: a long first part may be cut where it is shown, the extension (with its dot) stays.
pub fn name_parts(name: &str) -> (&str, &str) {
    let is_extension = |index: &usize| {
        let extension = &name[index + 1..];
        *index > 0 && (1..=8).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    name.split_at(name.rfind('.').filter(is_extension).unwrap_or(name.len()))
}

/// "512 B", "47 KB", "1.2 MB": units of 1,024, as file managers of offices show them.
pub fn size_text(bytes: u64) -> String {
    let (mut unit, mut tenths) = (0, bytes.saturating_mul(10));
    while tenths >= 10_240 && unit < UNITS.len() - 1 {
        (unit, tenths) = (unit + 1, tenths.div_ceil(1_024));
    }
    let unit_name = UNITS[unit];
    if tenths < 100 && unit > 0 && !tenths.is_multiple_of(10) {
        return format!("{}.{} {unit_name}", tenths / 10, tenths % 10);
    }
    format!("{} {unit_name}", tenths.div_ceil(10))
}

const UNITS: [&str; 4] = ["B", "KB", "MB", "GB"];

#[cfg(test)]
mod tests {
    use protocol::{file::PreviewSize, ids::FileId};

    use super::*;

    fn file(name: &str, media_type: &str, has_preview: bool) -> Attachment {
        let preview = has_preview.then_some(PreviewSize { width: 4, height: 3 });
        Attachment { id: FileId::new(), name: name.into(), media_type: media_type.into(), size: 1, preview, text: None }
    }

    #[test]
    fn files_of_one_kind_are_counted_and_others_are_named() {
        let (picture, video) = (file("a.jpg", "image/jpeg", true), file("a.mp4", "video/mp4", false));
        let (document, blind) = (file("예산.hwp", "application/x-hwp", true), file("a.heic", "image/heic", false));
        assert_eq!(files_line(&[]), None);
        assert_eq!(files_line(&[picture.clone(), picture.clone()]), Some(FilesLine::Same(AttachmentKind::Picture, 2)));
        assert_eq!(files_line(std::slice::from_ref(&video)), Some(FilesLine::Same(AttachmentKind::Video, 1)));
        assert_eq!(files_line(&[document.clone(), picture.clone()]), Some(FilesLine::Named("예산.hwp", 1)));
        assert_eq!(files_line(&[picture, video]), Some(FilesLine::Named("a.jpg", 1)));
        assert_eq!(files_line(&[document.clone(), document]), Some(FilesLine::Named("예산.hwp", 1)));
        assert_eq!(files_line(&[blind]), Some(FilesLine::Named("a.heic", 0)));
    }

    #[test]
    fn an_extension_stays_when_a_name_is_cut() {
        for (name, parts) in [
            ("2026년 예산(최종).hwp", ("2026년 예산(최종)", ".hwp")),
            ("a.tar.gz", ("a.tar", ".gz")),
            ("README", ("README", "")),
            (".bashrc", (".bashrc", "")),
            ("문장이다. 끝", ("문장이다. 끝", "")),
            ("a.", ("a.", "")),
            ("", ("", "")),
        ] {
            assert_eq!(name_parts(name), parts);
        }
    }

    #[test]
    fn sizes_have_at_most_three_digits_and_are_never_zero_of_a_file() {
        for (bytes, text) in [
            (0, "0 B"),
            (1, "1 B"),
            (1_023, "1023 B"),
            (1_024, "1 KB"),
            (1_100, "1.1 KB"),
            (48_211, "48 KB"),
            (1_300_000, "1.3 MB"),
            (104_857_600, "100 MB"),
            (5_000_000_000, "4.7 GB"),
            (u64::MAX, "1717986919 GB"),
        ] {
            assert_eq!(size_text(bytes), text, "{bytes}");
        }
    }
}
