//! The texts of people on demand. They are apart from the others, so that only large organisations load them.

use crate::text::{Lang, lang, words::texts};

texts! {
    /// The texts of people on demand, in one language.
    OrganisationWords {
        everybody,
        of_everybody,
        of_department,
        not_loaded,
        try_again,
        found,
        has_found,
        first_found,
        more_found,
    }
}

impl Lang {
    pub fn organisation_words(self) -> &'static OrganisationWords {
        match self {
            Self::Ko => &KOREAN,
            Self::En => &ENGLISH,
        }
    }
}

pub fn organisation_words() -> &'static OrganisationWords {
    lang().organisation_words()
}

/// A number with commas between thousands, as both languages write it.
pub fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let comma = |(index, digit): (usize, char)| {
        let is_thousand = index > 0 && (digits.len() - index).is_multiple_of(3);
        is_thousand.then_some(',').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(comma).collect()
}

static KOREAN: OrganisationWords = OrganisationWords {
    everybody: "모든 사람",
    of_everybody: "모두 {others}명, 온라인 {name}명",
    of_department: "{others}명 중 {name}명 온라인",
    not_loaded: "불러오지 못했습니다.",
    try_again: "다시 시도",
    found: "찾은 사람",
    has_found: "{count}명을 찾았습니다.",
    first_found: "첫 결과: {name} (Enter로 선택)",
    more_found: "더 보기",
};

static ENGLISH: OrganisationWords = OrganisationWords {
    everybody: "Everybody",
    of_everybody: "{others} people, {name} online",
    of_department: "{name} of {others} online",
    not_loaded: "This could not be loaded.",
    try_again: "Try again",
    found: "People found",
    has_found: "People found: {count}",
    first_found: "First: {name} (Enter to choose)",
    more_found: "Show more",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_have_commas() {
        let all = [0, 7, 999, 1_000, 61_200, 100_231, 1_000_000].map(grouped);
        assert_eq!(all, ["0", "7", "999", "1,000", "61,200", "100,231", "1,000,000"]);
    }
}
