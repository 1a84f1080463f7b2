//! Texts as the keystrokes of a Korean keyboard ([`protocol::keystrokes`]), without case, accents and widths.

use crate::unicode;

pub use protocol::keystrokes::find;

/// The keystrokes that type a text, without case, accents, widths and spaces.
pub fn keys(text: &str) -> Vec<u32> {
    protocol::keystrokes::keys(&unicode::decomposed(text))
}

/// Whether a text contains a query, both as keystrokes. An initial consonant matches its whole syllable.
pub fn contains(text: &[u32], query: &[u32]) -> bool {
    query.is_empty() || find(text, query).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(text: &str, query: &str) -> bool {
        contains(&keys(text), &keys(query))
    }

    /// The content of the field while a text is typed, after each keystroke.
    fn on_the_way(steps: &[&str], name: &str) {
        for step in steps {
            assert!(finds(name, step), "{step} finds {name}");
        }
    }

    #[test]
    fn consonants_find_names() {
        on_the_way(&["ㄱㅁㅅ", "김민수", "민수", "ㅁㅅ", "김ㅁ", "ㄱ", ""], "김민수");
        for query in ["ㅁㄱ", "김수", "기수", "ㄱㅁㅅㅇ", "k", "ㅏ", "ㅣ", "강", "김민주"] {
            assert!(!finds("김민수", query), "{query}");
        }
        on_the_way(&["ㅎ"], "힣");
        on_the_way(&["ㅆ", "ㅅ", "싸", "쌍"], "쌍");
        assert!(finds("고세리", "ㄳ"), "an input method joins ㄱ and ㅅ");
        assert!(!finds("김민수", "ㄳ"));
    }

    #[test]
    fn every_step_of_typing_finds_the_name() {
        on_the_way(&["ㄱ", "가", "강", "강ㅎ", "강하", "강한", "강하느", "강하늘"], "강하늘");
        on_the_way(&["ㅈ", "조", "족", "조고", "조과", "조광", "조광ㅎ", "조광혀", "조광현"], "조광현");
        on_the_way(&["다", "달", "닭", "달가", "달강"], "달강");
        on_the_way(&["ㅇ", "으", "의", "의사"], "의사");
        on_the_way(&["화", "황", "황보", "황볼", "황보르", "황보름"], "황보름");
        assert!(!finds("하나", "한아") && !finds("김민수", "김님"));
    }

    #[test]
    fn decomposed_wide_and_accented_letters_are_the_same_letters() {
        use unicode_normalization::UnicodeNormalization;
        let decomposed: String = "박지훈".nfd().collect();
        assert!(finds("박지훈", &decomposed) && finds(&decomposed, "지훈") && finds(&decomposed, "ㅈㅎ"));
        assert!(finds("Ｌｅｅ", "lee") && finds("Lee", "ＬＥ") && finds("José", "jose") && finds("Emile", "Émile"));
        assert!(finds("독고 영재", "독고영재") && finds("독고영재", "독고 영재") && finds("독고 영재", "ㄷㄱㅇ"));
        assert!(finds("이(영)희", "(영") && finds("O'Neil", "o'n") && finds("<i>", "<i>"));
    }

    #[test]
    fn the_keyboard_may_be_in_the_other_language() {
        on_the_way(&["qkr", "qkrw", "qkrwlgns", "wlgns", "QKRWLGNS"], "박지훈");
        // As an input method composes them: jiwoo, sora, kang.
        on_the_way(&["ㅓㅑ재", "ㅓㅑ재ㅐ"], "jiwoo");
        on_the_way(&["내ㄱㅁ", "낵ㅁ"], "sora");
        on_the_way(&["ㅏ뭏"], "이름\nkang");
        assert!(!finds("carla", "김"), "only where a word begins");
        assert!(!finds("김민수", "rl") && !finds("김민수", "lals"), "and not by a part of a syllable");
    }
}
