//! Confusable names.

use unicode_normalization::UnicodeNormalization;

/// The skeleton of a name (UTS #39, 4): equal for names that readers confuse, such as `Kim` in Latin, Cyrillic and
/// full-width letters. It is compared and never shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Skeleton(String);

impl Skeleton {
    pub fn of(name: &str) -> Self {
        // NFKC first: not all compatibility variants are in the table of confusables.
        let compatible: String = name.nfkc().collect();
        Self(unicode_security::skeleton(&compatible).collect())
    }
}

/// The words that the pages show after the reader's own name.
const OWN_MARKS: [&str; 4] = ["나", "me", "me!", "you"];

/// The texts in the parentheses of a name: a name that ends like a label claims to have the login in it.
pub fn claims(name: &str) -> Vec<Skeleton> {
    let Skeleton(looks) = Skeleton::of(&name.to_lowercase());
    let inside = |rest: &str| Skeleton(rest.split(')').next().unwrap_or_default().trim().to_owned());
    looks.split('(').skip(1).map(inside).collect()
}

/// Whether a claim is one of these words.
pub fn is_own_mark(claim: &Skeleton) -> bool {
    OWN_MARKS.iter().any(|mark| Skeleton::of(mark) == *claim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confusable_names_have_the_same_skeleton() {
        for (one, other) in [
            ("Kim Minsu", "Кim Minsu"),
            ("Kim Minsu", "Ｋim Ｍinsu"),
            ("Kim Minsu", "Kim Mіnsu"),
            ("OO7", "0O7"),
            ("Illy", "lIly"),
            ("ㄱ", "\u{1100}"),
            ("VI", "Ⅵ"),
            ("❤", "❤️"),
            ("가·나", "가‧나"),
        ] {
            assert_eq!(Skeleton::of(one), Skeleton::of(other), "{one} {other}");
        }
        for (one, other) in [("김민수", "김민주"), ("Kim", "Kin"), ("가 나", "가나"), ("kim", "Kim")] {
            assert_ne!(Skeleton::of(one), Skeleton::of(other), "{one} {other}");
        }
    }

    #[test]
    fn a_name_with_parentheses_claims_the_login_in_them() {
        for name in [
            "김민수 (minsu)",
            "김민수(minsu)",
            "김민수 （MINSU）",
            "김민수 (mіnsu)",
            "김민수 ( minsu )님",
            "김 (x) (minsu",
        ] {
            assert!(claims(name).contains(&Skeleton::of("minsu")), "{name}");
        }
        assert!(claims("김민수").is_empty());
        for (name, is_mark) in [("김 (나)", true), ("Ada (Me!)", true), ("홍길동(총무과)", false), (":)", false)]
        {
            assert_eq!(claims(name).iter().any(is_own_mark), is_mark, "{name}");
        }
    }
}
