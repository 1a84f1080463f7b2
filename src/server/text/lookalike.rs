//! Names that a reader takes for each other.

use unicode_normalization::UnicodeNormalization;

/// What a name looks like (UTS #39, 4): equal for names that a reader can hardly tell apart, such as `Kim` in Latin,
/// Cyrillic and full-width letters. For comparing, never for showing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Skeleton(String);

impl Skeleton {
    pub fn of(name: &str) -> Self {
        // NFKC first: compatibility variants look alike, too, and not all are in the table of confusables.
        let compatible: String = name.nfkc().collect();
        Self(unicode_security::skeleton(&compatible).collect())
    }
}

/// What the pages put behind one's own name.
const OWN_MARKS: [&str; 4] = ["나", "me", "me!", "you"];

/// What the parentheses of a name hold: a name that ends like a label claims the login in it.
pub fn claims(name: &str) -> Vec<Skeleton> {
    let Skeleton(looks) = Skeleton::of(&name.to_lowercase());
    let inside = |rest: &str| Skeleton(rest.split(')').next().unwrap_or_default().trim().to_owned());
    looks.split('(').skip(1).map(inside).collect()
}

/// Whether this is the mark that the pages put behind one's own name.
pub fn is_own_mark(claim: &Skeleton) -> bool {
    OWN_MARKS.iter().any(|mark| Skeleton::of(mark) == *claim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_have_one_skeleton() {
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
    fn a_name_that_ends_like_a_label_claims_its_login() {
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
