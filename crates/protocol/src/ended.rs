//! Why a session ended.

/// The reason for which a session ended.
///
/// Not JSON: a word such as `signed_out`. The server sends it to every socket of the session as the reason of close
/// code 4001, or 4009 for [`Ended::OtherAccount`]; a browser passes it on to `/sign_in?why=`. See docs/protocol.md,
/// "Sockets".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ended {
    /// The user signed out, in this browser or from another device.
    SignedOut,
    /// The user or the operator changed the password.
    PasswordChanged,
    /// The operator disabled the account.
    Disabled,
    /// The session reached its maximum age.
    Expired,
    /// Another account signed in, in the same browser.
    OtherAccount,
}

impl Ended {
    /// Every reason, in the order of the texts that explain them.
    pub const ALL: [Self; 5] =
        [Self::SignedOut, Self::PasswordChanged, Self::Disabled, Self::Expired, Self::OtherAccount];

    /// The word on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::PasswordChanged => "password_changed",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::OtherAccount => "other_account",
        }
    }

    /// The reason of a word; `None` for an unknown word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ended| ended.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_parses_to_its_reason() {
        for ended in Ended::ALL {
            assert_eq!(Ended::from_code(ended.code()), Some(ended));
        }
        assert_eq!(Ended::from_code("<b>"), None);
    }
}
