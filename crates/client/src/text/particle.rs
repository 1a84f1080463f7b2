//! Korean particles, whose form depends on the sound before them: 서울로, 부산으로.

/// A particle as texts write it, its form after a consonant, and its form after a vowel.
const PARTICLES: [(&str, &str, &str); 5] = [
    ("(으)로", "으로", "로"),
    ("이(가)", "이", "가"),
    ("을(를)", "을", "를"),
    ("은(는)", "은", "는"),
    ("와(과)", "과", "와"),
];

/// The last sound of a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Vowel,
    /// ㄹ, after which (으)로 is 로.
    Rieul,
    Consonant,
}

/// `text`, which follows `name`, with the right form of the particle at its beginning or after closing quotes.
/// Unchanged if the sound at the end of the name is unknown.
pub(super) fn resolved(name: &str, text: &str) -> String {
    let quotes = text.len() - text.trim_start_matches(['’', '”', '\'', '"', '」', '\u{2069}']).len();
    let (quotes, rest) = text.split_at(quotes);
    let known = PARTICLES.into_iter().find_map(|(both, closed, open)| Some((rest.strip_prefix(both)?, closed, open)));
    let (Some((rest, closed, open)), Some(ending)) = (known, ending(name)) else { return text.to_owned() };
    let is_closed = ending == Ending::Consonant || (ending == Ending::Rieul && open != "로");
    format!("{quotes}{}{rest}", if is_closed { closed } else { open })
}

/// The last sound, by the last letter or digit. Digits are read in Korean; in a Latin word the last letter decides, as
/// people spell abbreviations: L, M, N, R end in a consonant.
fn ending(name: &str) -> Option<Ending> {
    let last = name.chars().rev().find(|c| c.is_alphanumeric())?;
    Some(match last.to_ascii_lowercase() {
        syllable @ '가'..='힣' => match (u32::from(syllable) - 0xAC00) % 28 {
            0 => Ending::Vowel,
            8 => Ending::Rieul,
            _ => Ending::Consonant,
        },
        '1' | '7' | '8' | 'l' | 'r' => Ending::Rieul,
        '0' | '3' | '6' | 'm' | 'n' => Ending::Consonant,
        c if c.is_ascii_alphanumeric() => Ending::Vowel,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_particle_fits_the_sound_before_it() {
        for (name, expected) in [
            ("저녁 모임", "으로"),
            ("회의", "로"),
            ("서울", "로"),
            ("TF", "로"),
            ("Plan", "으로"),
            ("Mail", "로"),
            ("2026", "으로"),
            ("3월 7", "로"),
            ("점심 10", "으로"),
            ("부산(영업)", "으로"),
            ("회의 🎉", "로"),
            ("会議", "(으)로"),
            ("🎉", "(으)로"),
        ] {
            assert_eq!(resolved(name, "’(으)로 바꿨습니다."), format!("’{expected} 바꿨습니다."), "{name}");
        }
    }

    #[test]
    fn every_particle_has_both_forms() {
        let forms = |name: &str| PARTICLES.map(|(both, ..)| resolved(name, both));
        assert_eq!(forms("민준"), ["으로", "이", "을", "은", "과"]);
        assert_eq!(forms("영희"), ["로", "가", "를", "는", "와"]);
        assert_eq!(forms("한별"), ["로", "이", "을", "은", "과"]);
        assert_eq!(resolved("영희", "님이 왔습니다."), "님이 왔습니다.");
    }
}
