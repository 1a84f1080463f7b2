//! The cases of the Autobahn suite that need no network (its groups 1 to 7), and a comparison with tungstenite on the
//! same bytes.

use proptest::prelude::*;
use tokio_tungstenite::tungstenite::{Message, WebSocket, protocol::Role};

use super::*;

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A frame as a client sends it; `first`: the bits before the opcode, and the opcode.
fn client_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ ..126 => frame.push(MASKED | short as u8),
        long @ 126..65_536 => frame.extend([&[MASKED | 126][..], &(long as u16).to_be_bytes()].concat()),
        long => frame.extend([&[MASKED | 127][..], &(long as u64).to_be_bytes()].concat()),
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// Decodes bytes that arrive in pieces of this size. An error includes the messages before it.
fn decode_in_pieces(bytes: &[u8], size: usize) -> Result<Vec<Received>, (Vec<Received>, CodecViolation)> {
    let (mut decoder, mut received) = (Decoder::default(), Vec::new());
    for piece in bytes.chunks(size) {
        decoder.push(piece);
        loop {
            match decoder.next() {
                Ok(Some(message)) => received.push(message),
                Ok(None) => break,
                Err(broken) => return Err((received, broken)),
            }
        }
    }
    Ok(received)
}

fn decode(frames: &[Vec<u8>]) -> Result<Vec<Received>, CodecViolation> {
    let bytes = frames.concat();
    let whole = decode_in_pieces(&bytes, bytes.len().max(1));
    assert_eq!(whole, decode_in_pieces(&bytes, 1), "byte by byte it is the same");
    whole.map_err(|(_, broken)| broken)
}

fn text(text: &str) -> Received {
    Received::Text(text.to_owned())
}

#[test]
fn groups_1_and_2_messages_of_all_lengths_pings_and_pongs() {
    for length in [0, 1, 125, 126, 127, 128, 65_535, 65_536] {
        let payload = vec![b'*'; length];
        assert_eq!(decode(&[client_frame(0x81, &payload)]), Ok(vec![text(&"*".repeat(length))]));
        assert_eq!(decode(&[client_frame(0x82, &payload)]), Ok(vec![Received::Binary(payload)]));
    }
    for payload in [&b""[..], b"Hello, world!", &[0, 0xff, 0xfe, 0xfd, 0], &[0xfe; 125]] {
        assert_eq!(decode(&[client_frame(0x89, payload)]), Ok(vec![Received::Ping(payload.to_vec())]));
        assert_eq!(decode(&[client_frame(0x8a, payload)]), Ok(vec![Received::Pong]));
    }
    assert_eq!(decode(&[client_frame(0x89, &[0xfe; 126])]), Err(CodecViolation::Protocol));
    let ten: Vec<Vec<u8>> = (0..10).map(|_| client_frame(0x89, b"payload")).collect();
    assert_eq!(decode(&ten).unwrap().len(), 10);
}

#[test]
fn groups_3_and_4_reserved_bits_and_opcodes_end_the_connection() {
    for bits in [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70] {
        for opcode in [0x01, 0x02, 0x08, 0x09, 0x0a] {
            let frame = client_frame(0x80 | bits | opcode, b"");
            assert_eq!(decode(&[frame]), Err(CodecViolation::Protocol));
        }
    }
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        let frames = client_frame(0x81, b"before");
        let outcome = decode_in_pieces(&[frames, client_frame(0x80 | opcode, b"x")].concat(), 4096);
        assert_eq!(outcome, Err((vec![text("before")], CodecViolation::Protocol)));
    }
}

#[test]
fn group_5_fragmented_messages() {
    let [first, middle, last] = [client_frame(0x01, b"frag"), client_frame(0x00, b"ment"), client_frame(0x80, b"s")];
    let ping = client_frame(0x89, b"ping");
    assert_eq!(decode(&[first.clone(), middle.clone(), last.clone()]), Ok(vec![text("fragments")]));
    let between = [first.clone(), ping.clone(), middle.clone(), ping, last.clone()];
    let received = Received::Ping(b"ping".to_vec());
    assert_eq!(decode(&between), Ok(vec![received, Received::Ping(b"ping".to_vec()), text("fragments")]));
    // Fragmented control frames, continuations without a start, and a new message within a fragmented one.
    for frames in [
        vec![client_frame(0x09, b"ping"), client_frame(0x80, b"rest")],
        vec![client_frame(0x0a, b"pong"), client_frame(0x80, b"rest")],
        vec![last.clone()],
        vec![middle],
        vec![client_frame(0x81, b"whole"), last.clone()],
        vec![first.clone(), client_frame(0x81, b"another"), last.clone()],
        vec![first, client_frame(0x01, b"another"), last],
    ] {
        assert_eq!(decode(&frames), Err(CodecViolation::Protocol));
    }
}

#[test]
fn group_6_text_is_utf_8() {
    let valid = ["κόσμε", "Hello-µ@ßöäüàá-UTF-8!!", "\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}", "대화", "\0", ""];
    for content in valid {
        assert_eq!(decode(&[client_frame(0x81, content.as_bytes())]), Ok(vec![text(content)]));
        let mut parts: Vec<_> = content.bytes().map(|byte| client_frame(0x00, &[byte])).collect();
        parts.insert(0, client_frame(0x01, b""));
        parts.push(client_frame(0x80, b""));
        assert_eq!(decode(&parts), Ok(vec![text(content)]), "in fragments of one byte");
    }
    let invalid: [&[u8]; 12] = [
        b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
        b"\xf8\x88\x80\x80\x80",
        b"\xfc\x84\x80\x80\x80\x80",
        b"\xf7\xbf\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\x80",
        b"\xbf\x80",
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xed\xa0\x80",
        b"\xce",
        b"\xff\xfe",
    ];
    for bytes in invalid {
        assert_eq!(decode(&[client_frame(0x81, bytes)]), Err(CodecViolation::NotUtf8));
        assert_eq!(decode(&[client_frame(0x01, bytes), client_frame(0x80, b"")]), Err(CodecViolation::NotUtf8));
    }
    // Bytes that can never become UTF-8 are refused before the message is complete.
    assert_eq!(decode(&[client_frame(0x01, b"\xf4\x90")]), Err(CodecViolation::NotUtf8));
    assert_eq!(decode(&[client_frame(0x01, b"\xf4"), client_frame(0x00, b"\x90")]), Err(CodecViolation::NotUtf8));
    assert_eq!(decode(&[client_frame(0x01, b"\xed\x95")]), Ok(Vec::new()), "half a syllable may become one");
}

#[test]
fn group_7_closing() {
    let close = |payload: &[u8]| decode(&[client_frame(0x88, payload)]);
    let with_code = |code: u16, reason: &[u8]| close(&[&code.to_be_bytes(), reason].concat());
    assert_eq!(close(b""), Ok(vec![Received::Close(None)]));
    assert_eq!(close(b"\x03"), Err(CodecViolation::Protocol));
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        assert_eq!(with_code(code, b""), Ok(vec![Received::Close(Some(code))]));
        assert_eq!(with_code(code, &[b'*'; 123]), Ok(vec![Received::Close(Some(code))]));
        assert_eq!(with_code(code, &[b'*'; 124]), Err(CodecViolation::Protocol));
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        assert_eq!(with_code(code, b""), Err(CodecViolation::Protocol));
    }
    assert_eq!(with_code(1000, b"\xed\xa0\x80"), Err(CodecViolation::NotUtf8));
}

#[test]
fn what_is_too_large_is_refused_by_its_head_alone() {
    let whole = client_frame(0x82, &vec![0; FRAME_BYTES + 1]);
    assert_eq!(decode_in_pieces(&whole[..14], 14), Err((Vec::new(), CodecViolation::TooLarge)));
    let longest = [&[0x82, 0xff][..], &u64::MAX.to_be_bytes()].concat();
    assert_eq!(decode(&[longest]), Err(CodecViolation::TooLarge));
    let parts = [client_frame(0x02, &vec![0; FRAME_BYTES]), client_frame(0x80, b"1")];
    assert_eq!(decode(&parts), Err(CodecViolation::TooLarge));
}

#[test]
fn a_client_that_does_not_mask_is_none() {
    assert_eq!(decode(&[vec![0x81, 1, b'x']]), Err(CodecViolation::Protocol));
}

#[test]
fn nothing_is_kept_between_messages() {
    let mut decoder = Decoder::default();
    decoder.push(&client_frame(0x81, &[b'x'; 5000]));
    assert!(decoder.next().unwrap().is_some());
    assert_eq!((decoder.bytes.capacity(), decoder.message.capacity()), (0, 0));
}

/// The messages that tungstenite decodes; `None` if it refuses the bytes.
fn tungstenite(bytes: &[u8], role: Role) -> Option<Vec<Message>> {
    let stream = std::io::Cursor::new(bytes.to_vec());
    let mut socket = WebSocket::from_raw_socket(stream, role, None);
    let mut received = Vec::new();
    loop {
        match socket.read() {
            Ok(message) => received.push(message),
            // All bytes are read.
            Err(tokio_tungstenite::tungstenite::Error::Io(_)) => return Some(received),
            Err(tokio_tungstenite::tungstenite::Error::Protocol(
                tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            )) => return Some(received),
            Err(_) => return None,
        }
    }
}

fn same(received: &Received, message: &Message) -> bool {
    match (received, message) {
        (Received::Text(ours), Message::Text(theirs)) => ours == theirs.as_str(),
        (Received::Binary(ours), Message::Binary(theirs)) | (Received::Ping(ours), Message::Ping(theirs)) => {
            ours == theirs
        }
        (Received::Pong, Message::Pong(_)) => true,
        _ => false,
    }
}

proptest! {
    #[test]
    fn tungstenite_decodes_the_same(
        frames in proptest::collection::vec((0u8..5, any::<bool>(), "[a-z가-힣]{0,60}"), 0..8),
        size in 1usize..40,
    ) {
        let mut bytes = Vec::new();
        for (which, is_final, payload) in &frames {
            let opcode = [0, 1, 2, 9, 10][usize::from(*which)];
            let payload = &payload.as_bytes()[..payload.len().min(120)];
            bytes.extend(client_frame(if *is_final { FIN | opcode } else { opcode }, payload));
        }
        let theirs = tungstenite(&bytes, Role::Server);
        match decode_in_pieces(&bytes, size) {
            Ok(ours) => {
                let theirs = theirs.expect("tungstenite refuses what we accept");
                prop_assert_eq!(ours.len(), theirs.len());
                prop_assert!(ours.iter().zip(&theirs).all(|(ours, theirs)| same(ours, theirs)));
            }
            Err(_) => prop_assert!(theirs.is_none(), "tungstenite accepts what we refuse"),
        }
    }

    #[test]
    fn random_bytes_cause_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), size in 1usize..50) {
        let _ = decode_in_pieces(&bytes, size);
    }

    #[test]
    fn tungstenite_decodes_what_we_encode(length in prop_oneof![0usize..300, 65_000usize..66_000]) {
        let content = "가".repeat(length / 3);
        let mut frames = Frames::default();
        frames.text(content.as_bytes());
        frames.ping();
        frames.pong(b"pong");
        let received = tungstenite(frames.bytes(), Role::Client).unwrap();
        prop_assert_eq!(received, [Message::text(content), Message::Ping("".into()), Message::Pong("pong".into())]);
    }
}

#[test]
fn a_message_that_is_too_large_can_be_skipped() {
    let large = vec![b'x'; FRAME_BYTES];
    for (parts, faults) in [
        (vec![(0x81, [&*large, b"y"].concat())], 1),
        (vec![(0x01, large.clone()), (0x00, b"y".to_vec()), (0x80, b"z".to_vec())], 1),
        (vec![(0x01, [&*large, b"y"].concat()), (0x89, vec![]), (0x80, large.clone())], 1),
    ] {
        let mut bytes: Vec<u8> = parts.iter().flat_map(|(first, payload)| client_frame(*first, payload)).collect();
        bytes.extend(client_frame(0x81, b"after"));
        let (mut decoder, mut received, mut broken) = (Decoder::default(), Vec::new(), 0);
        for piece in bytes.chunks(1000) {
            decoder.push(piece);
            loop {
                match decoder.next() {
                    Ok(Some(message)) => received.push(message),
                    Ok(None) => break,
                    Err(fault) => {
                        assert_eq!(fault, CodecViolation::TooLarge);
                        broken += 1;
                        decoder.skip_message();
                    }
                }
            }
        }
        assert_eq!(broken, faults);
        assert_eq!(received.last(), Some(&text("after")));
        assert!(
            received.iter().all(|message| matches!(message, Received::Text(_) | Received::Ping(_)))
                && received.len() <= 2
        );
    }
}

#[test]
fn every_frame_is_counted_also_without_a_message() {
    let mut decoder = Decoder::default();
    let bytes: Vec<u8> =
        std::iter::once(client_frame(0x01, b"")).chain((0..500).map(|_| client_frame(0x00, b""))).flatten().collect();
    decoder.push(&bytes);
    assert_eq!(decoder.next(), Ok(None));
    assert_eq!(decoder.take_count(), FrameCount { frames: 501, bytes: bytes.len() as u64 });
    assert_eq!(decoder.take_count(), FrameCount::default());
}
