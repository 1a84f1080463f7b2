//! Finds the links in a text. A link has no invisible and no bidirectional control characters, so its target is what
//! the reader sees.

/// Top-level domains in Hangul (IANA root zone). Other Hangul after a host is part of the sentence.
const HANGUL_DOMAINS: [&str; 4] = ["한국", "삼성", "닷컴", "닷넷"];
/// Korean particles and endings that follow an address without a space.
const PARTICLES: &str =
    "에서 에서는 에서도 에 에는 에도 으로 로 을 를 은 는 이 가 와 과 도 의 만 나 이나 랑 부터 까지 입니다 이에요 예요";

/// The signs of a sentence that may follow an address.
const SIGNS: &str = ".,;:!?)]~";

/// The length, in bytes, of the http or https address at the start of a text; `None` without one. `before`: the
/// preceding character, because an address does not continue a word.
pub fn length_at(text: &str, before: Option<char>) -> Option<usize> {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme)))?;
    if before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let rest = &text[scheme.len()..];
    let rest = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host = host_length(authority, authority.len() == rest.len())?;
    let length = host + port_length(&authority[host..]);
    let rest = if length == authority.len() { rest } else { &rest[..length] };
    Some(scheme.len() + without_sentence(rest).len())
}

/// Whether a character is part of a word, precise enough for markup and links, without Unicode's tables.
pub fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || !matches!(c as u32,
            0..=0xBF | 0x61C | 0x115F..=0x1160 | 0x180E | 0x2000..=0x2BFF | 0x2E00..=0x2E7F | 0x3000..=0x303F | 0x3164
            | 0xFE00..=0xFE6F | 0xFEFF..=0xFF0F | 0xFF1A..=0xFF20 | 0xFF3B..=0xFF40 | 0xFF5B..=0xFF65 | 0xFFA0
            | 0x1F000..=0x1FBFF | 0xE0000..)
}

/// Whether a character ends an address: white space, characters that no address contains, punctuation of any script,
/// emojis, single jamo (ㅋㅋ), invisible characters. A dash may be part of an address.
fn ends(c: char) -> bool {
    let is_sign = !c.is_ascii() && !is_letter(c) && !matches!(c as u32, 0xB7 | 0x2010..=0x2013);
    c <= ' ' || "<>\"'`{}|\\^\u{7f}".contains(c) || is_sign || is_jamo(c)
}

fn is_jamo(c: char) -> bool {
    ('ㄱ'..='ㆎ').contains(&c)
}

/// The length of the host: a name, or an address in brackets (RFC 3986, 3.2.2). `None` without a host, and with an `@`,
/// because then the text that looks like the host is not the host. `is_end`: no path follows.
fn host_length(authority: &str, is_end: bool) -> Option<usize> {
    if authority.contains('@') {
        return None;
    }
    if let Some(address) = authority.strip_prefix('[') {
        let end = address.find(']')?;
        let is_address = address[..end].chars().all(|c| c.is_ascii_hexdigit() || ":.".contains(c));
        return (is_address && address[..end].contains(':')).then_some(end + 2);
    }
    let is_host = |c: char| is_letter(c) || "-._".contains(c);
    let end = authority.find(|c| !is_host(c)).unwrap_or(authority.len());
    let host = &authority[..authority[..end].find("..").unwrap_or(end)];
    let last = host.rfind('.').map_or(0, |dot| dot + 1);
    let length = last + last_label(&host[last..], is_end && last > 0 && end == authority.len());
    let length = host[..length].trim_end_matches(['.', '-']).len();
    host.chars().next().filter(|c| is_letter(*c)).map(|_| length)
}

/// The length of the last label that is part of the host. A label in ASCII ends at another script; a label in Hangul
/// after a dot may be the next sentence (`may_be_sentence`).
fn last_label(label: &str, may_be_sentence: bool) -> usize {
    if label.starts_with(|c: char| c.is_ascii()) {
        return label.find(|c: char| !c.is_ascii()).unwrap_or(label.len());
    }
    let known = HANGUL_DOMAINS.iter().find(|domain| label.starts_with(**domain)).map(|domain| domain.len());
    let is_hangul = label.starts_with(is_syllable);
    known.unwrap_or(if may_be_sentence && is_hangul { 0 } else { label.len() })
}

fn port_length(rest: &str) -> usize {
    let digits = rest.strip_prefix(':').map_or(0, |port| port.bytes().take_while(u8::is_ascii_digit).count());
    if digits == 0 { 0 } else { digits + 1 }
}

fn is_syllable(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

/// Removes what is part of the sentence: a clause behind the address, and at its end a full stop, a bracket or a particle.
fn without_sentence(link: &str) -> &str {
    let link = without_particle(without_signs(without_clause(link)));
    without_signs(link)
}

/// `…/x,그리고` links to `…/x`; but `…/서울,부산` and `…/127,37,서울/map` are addresses.
fn without_clause(link: &str) -> &str {
    let is_end = |at: usize, sign: char| {
        let (before, after) = (&link[..at], &link[at + 1..]);
        let ends_clause = match sign {
            ',' | ';' | '!' | '?' => before.ends_with(|c: char| c.is_ascii()) || without_particle(before).len() < at,
            ')' | ']' => !is_closed(&link[..=at], sign),
            _ => false,
        };
        ends_clause && after.starts_with(is_syllable) && after.chars().all(|c| is_syllable(c) || SIGNS.contains(c))
    };
    link.char_indices().find(|(at, sign)| sign.is_ascii() && is_end(*at, *sign)).map_or(link, |(at, _)| &link[..at])
}

/// Whether the bracket at the end of a text was opened in it.
fn is_closed(text: &str, bracket: char) -> bool {
    let opening = if bracket == ')' { '(' } else { '[' };
    text.matches(opening).count() >= text.matches(bracket).count()
}

fn without_signs(mut link: &str) -> &str {
    let is_sign = |c: &char| SIGNS.contains(*c) || (!c.is_ascii() && !is_letter(*c));
    while let Some(last) = link.chars().next_back().filter(is_sign) {
        if (last == ')' || last == ']') && is_closed(link, last) {
            break;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
    link
}

/// `…/x에서` links to `…/x`, but `…/C언어` and `…/대화` are names of pages. `…/wiki/은` (silver) is one, too, but
/// `https://example.org/은` is not: such a page is below another one.
fn without_particle(link: &str) -> &str {
    let stem = link.trim_end_matches(is_syllable);
    let particle = &link[stem.len()..];
    let is_root = || stem.find('/') == Some(stem.len() - 1);
    let follows = stem.ends_with(|c: char| c.is_ascii_alphanumeric())
        || (stem.ends_with(['/', '-', '_', '=', ')']) && (particle.chars().count() > 1 || is_root()));
    let is_one = PARTICLES.split(' ').any(|known| known == particle);
    if follows && is_one { stem } else { link }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::state::markup::{Node, NodeKind, markup};

    fn links(text: &str) -> Vec<String> {
        let is_link = |node: &Node| node.kind == NodeKind::Link;
        let nodes = markup(text, &[]).into_iter().flat_map(|block| block.children);
        nodes.filter(is_link).map(|node| node.text).collect()
    }

    #[test]
    fn links_end_where_the_sentence_goes_on() {
        assert_eq!(links("보세요: https://example.org/a?b=c#d."), ["https://example.org/a?b=c#d"]);
        assert_eq!(
            links("(https://ko.wikipedia.org/wiki/대화_(동음이의)) 참고"),
            ["https://ko.wikipedia.org/wiki/대화_(동음이의)"]
        );
        assert_eq!(links("http://a.kr,http://b.kr"), ["http://a.kr", "http://b.kr"]);
        assert_eq!(links("https://a.kr https://b.kr!"), ["https://a.kr", "https://b.kr"]);
        for sign in [
            "”", "’", "»", "」", "』", "》", "】", "）", "］", "！", "？", "，", "。", "、", "；", "…", "·", "—", "~~",
            "ㅋㅋ", "👍", "→", ")",
        ] {
            assert_eq!(links(&format!("https://a.kr/x{sign} 다음")), ["https://a.kr/x"], "{sign}");
        }
    }

    #[test]
    fn particles_and_the_next_sentence_are_not_part_of_a_link() {
        for (text, link) in [
            ("https://intra.go.kr은", "https://intra.go.kr"),
            ("http://10.20.30.40:8080으로 오세요", "http://10.20.30.40:8080"),
            ("http://localhost로", "http://localhost"),
            ("https://도움말.한국에서", "https://도움말.한국"),
            ("https://a.kr.그리고", "https://a.kr"),
            ("https://a.kr...", "https://a.kr"),
            ("请看https://a.cn吧", "https://a.cn"),
            ("https://a.kr/에서", "https://a.kr/"),
            ("https://a.kr/doc?id=7을 보세요", "https://a.kr/doc?id=7"),
            ("https://a.kr/대화_(1)에서", "https://a.kr/대화_(1)"),
            ("http://example.org/x,끝", "http://example.org/x"),
            ("http://a.kr/x에서,그리고", "http://a.kr/x"),
            ("http://a.kr/x;다음", "http://a.kr/x"),
            ("http://a.kr/x!정말요.", "http://a.kr/x"),
            ("http://a.kr/x?정말요?", "http://a.kr/x"),
            ("(http://a.kr/x)그리고", "http://a.kr/x"),
            ("[http://a.kr/x]그리고", "http://a.kr/x"),
            ("https://example.org/은", "https://example.org/"),
            ("https://example.org:8080/로 오세요", "https://example.org:8080/"),
        ] {
            assert_eq!(links(text), [link], "{text}");
        }
    }

    #[test]
    fn all_of_an_address_is_a_link() {
        for link in [
            "https://ko.wikipedia.org/wiki/대화",
            "https://ko.wikipedia.org/wiki/대한민국",
            "https://ko.wikipedia.org/wiki/위키백과:대문",
            "https://ko.wikipedia.org/wiki/나,_다니엘",
            "https://namu.wiki/w/C언어",
            "https://namu.wiki/w/은",
            "https://namu.wiki/w/서울,부산",
            "https://a.kr/대화",
            "https://a.kr/board?게시판=공지",
            "https://a.kr/p/127.1,37.2,서울/map",
            "https://a.kr/대화_(가)나",
            "http://사내망/공지",
            "http://포털.회사/공지",
            "https://a.kr/a_b_c*d*",
            "https://a.kr/a[1]",
            "https://en.wikipedia.org/wiki/Mason–Dixon_line",
            "https://a.kr/?q=%EB%8C%80&b=c,d;e:f",
            "https://한국인터넷정보센터.한국/",
            "HTTPS://A.KR/X",
            "hTTp://a.kr:80/~kim/",
            "http://[2001:db8::a]/x",
            "http://[::ffff:10.0.0.1]:8080",
        ] {
            assert_eq!(links(link), [link]);
            assert_eq!(links(&format!("여기:{link}, 또")), [link]);
        }
    }

    #[test]
    fn a_link_has_no_invisible_and_no_bidirectional_character() {
        for c in [
            "\u{200b}",
            "\u{200d}",
            "\u{200f}",
            "\u{202e}",
            "\u{2066}",
            "\u{61c}",
            "\u{feff}",
            "\u{ad}",
            "\u{3164}",
            "\u{e0041}",
            "\u{7f}",
        ] {
            assert_eq!(links(&format!("https://a.kr/{c}moc.knab")), ["https://a.kr/"], "{c:?}");
            assert_eq!(links(&format!("https://a{c}.kr")), ["https://a"], "{c:?}");
        }
    }

    #[test]
    fn nothing_else_is_a_link() {
        for text in [
            "javascript:alert(1)",
            "https://",
            "xhttps://a.kr",
            "ftp://a.kr",
            "https:// a.kr",
            "http:/a.kr",
            "https://bank.example@evil.example/",
            "http://[1]/",
            "http://[fd00::1",
            "http://.kr",
            "http://“a.kr",
        ] {
            assert!(links(text).is_empty(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_will_do(text in "(https?://|[\\PC가-힣.:/@\\[\\]]){0,40}") {
            for link in links(&text) {
                prop_assert!(link.len() > 7 && text.contains(&link));
            }
        }
    }
}
