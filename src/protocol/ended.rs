//! Why a session is over: a word that goes into a close frame and, from there, into the sign-in page's address.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ended {
    /// By the person, in this browser or from another device.
    SignedOut,
    /// By a new password, the person's own or the operator's.
    PasswordChanged,
    /// The operator disabled the account.
    Disabled,
    /// Its time is over.
    Expired,
    /// Another account signed in, in the same browser.
    OtherAccount,
}

impl Ended {
    pub const ALL: [Self; 5] =
        [Self::SignedOut, Self::PasswordChanged, Self::Disabled, Self::Expired, Self::OtherAccount];

    pub fn code(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::PasswordChanged => "password_changed",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::OtherAccount => "other_account",
        }
    }

    /// None for any other word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ended| ended.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_leads_back_to_its_reason() {
        for ended in Ended::ALL {
            assert_eq!(Ended::from_code(ended.code()), Some(ended));
        }
        assert_eq!(Ended::from_code("<b>"), None);
    }
}
