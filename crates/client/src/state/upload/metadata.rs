//! `Upload-Metadata` of tus: pairs of a name and a value in Base64.

use crate::state::upload::OutgoingFile;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Name and type of a file, and whether it is an original file.
pub fn metadata(upload: &OutgoingFile) -> String {
    let (name, kind) = (base64(&upload.file.name), base64(&upload.file.media_type));
    let original = if upload.is_original { ",original MQ==" } else { "" };
    let kind = if kind.is_empty() { kind } else { format!(",filetype {kind}") };
    format!("filename {name}{kind}{original}")
}

fn base64(text: &str) -> String {
    let digits = |bytes: &[u8]| {
        let byte = |index: usize| u32::from(bytes.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        (0..4)
            .map(move |index| if index <= bytes.len() { digit(bits >> (18 - 6 * index)) } else { '=' })
            .collect::<String>()
    };
    text.as_bytes().chunks(3).map(digits).collect()
}

fn digit(bits: u32) -> char {
    char::from(DIGITS[(bits & 63) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_encoded_as_in_rfc_4648() {
        for (text, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("예산", "7JiI7IKw")]
        {
            assert_eq!(base64(text), encoded);
        }
    }
}
