//! The kinds of files, their media types, and the closed list of what a browser may show in place.

/// What a file is, by its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Png,
    Jpeg,
    Gif,
    WebP,
    Text(Charset),
    Pdf,
    Html,
    Svg,
    Xml,
    /// A message with headers (RFC 5322), `.eml`.
    Mail,
    /// A web page as one message with parts, `.mht`.
    Mhtml,
    /// HWP 5: an OLE file.
    Hwp,
    Hwpx,
    /// A document of LibreOffice; the media type.
    OpenDocument(&'static str),
    /// A document of Microsoft Office since 2007; the media type.
    OfficeXml(&'static str),
    /// Any other format with a signature; the media type.
    Other(&'static str),
    /// A file that is two formats at once, such as a GIF with a JAR behind it.
    Polyglot,
    Unknown,
}

/// How a text is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    Utf16Le,
    Utf16Be,
    /// CP949, which the encoding standard calls EUC-KR.
    Korean,
}

/// The media type of an unknown kind.
pub const UNKNOWN: &str = "application/octet-stream";

/// Media types that a browser may show in place. Everything else is downloaded.
const INLINE: [&str; 14] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "video/mp4",
    "video/webm",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/wav",
    "text/plain; charset=utf-8",
    "text/plain; charset=utf-16le",
    "text/plain; charset=utf-16be",
    "text/plain; charset=euc-kr",
];

/// Whether a browser may show a file of this media type in place.
pub fn is_inline(media_type: &str) -> bool {
    INLINE.contains(&media_type)
}

/// Whether a file of this media type is a picture with a preview and a size.
pub fn is_picture(media_type: &str) -> bool {
    is_inline(media_type) && media_type.starts_with("image/")
}

impl FileKind {
    /// The value for `Content-Type`. Nothing in it comes from the file itself.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Text(Charset::Utf8) => "text/plain; charset=utf-8",
            Self::Text(Charset::Utf16Le) => "text/plain; charset=utf-16le",
            Self::Text(Charset::Utf16Be) => "text/plain; charset=utf-16be",
            Self::Text(Charset::Korean) => "text/plain; charset=euc-kr",
            Self::Pdf => "application/pdf",
            Self::Html => "text/html",
            Self::Svg => "image/svg+xml",
            Self::Xml => "application/xml",
            Self::Mail => "message/rfc822",
            Self::Mhtml => "multipart/related",
            Self::Hwp => "application/x-hwp",
            Self::Hwpx => "application/hwp+zip",
            Self::OpenDocument(media_type) | Self::OfficeXml(media_type) | Self::Other(media_type) => media_type,
            Self::Polyglot | Self::Unknown => UNKNOWN,
        }
    }

    pub fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::WebP)
    }
}
