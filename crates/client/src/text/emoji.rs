//! The texts of the emoji panel. They load with it.

use crate::text::{Lang, lang, words::texts};

texts! {
    /// The texts of the emoji panel, in one language.
    EmojiWords {
        find_emoji,
        no_emoji,
        found,
        categories,
        recent,
        faces,
        people,
        signs,
        work,
        food,
        nature,
    }
}

impl Lang {
    pub fn emoji_words(self) -> &'static EmojiWords {
        match self {
            Self::Ko => &KOREAN,
            Self::En => &ENGLISH,
        }
    }
}

pub fn emoji_words() -> &'static EmojiWords {
    lang().emoji_words()
}

static KOREAN: EmojiWords = EmojiWords {
    find_emoji: "이모지 찾기",
    no_emoji: "맞는 이모지가 없습니다. ‘웃음’, ‘축하’처럼 다른 말로 찾아보세요.",
    found: "찾은 이모지",
    categories: "분류",
    recent: "최근에 쓴 이모지",
    faces: "얼굴",
    people: "손과 사람",
    signs: "마음과 기호",
    work: "일과 축하",
    food: "음식",
    nature: "자연과 활동",
};

static ENGLISH: EmojiWords = EmojiWords {
    find_emoji: "Find an emoji",
    no_emoji: "No emoji matches. Try another word, such as “smile”.",
    found: "Found emojis",
    categories: "Categories",
    recent: "Recently used",
    faces: "Faces",
    people: "Hands and people",
    signs: "Hearts and signs",
    work: "Work and parties",
    food: "Food",
    nature: "Nature and activities",
};
