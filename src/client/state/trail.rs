//! What "back" means. The list, a conversation and what lies over it are levels; "back" leads one level up. The
//! browser's history may hold more entries than there are levels, because leaving a level takes none away: an
//! entry that would change nothing is passed over.

/// Where the browser went, and what stands on the page.
#[derive(Clone, Copy, Debug)]
pub struct Went<R> {
    /// Towards older entries.
    pub is_back: bool,
    /// There is room for the list or a conversation, not for both.
    pub is_narrow: bool,
    pub shown: Option<R>,
    /// The conversation that the entry's address names.
    pub target: Option<R>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<R> {
    Show(Option<R>),
    /// The list, whatever this entry's address says.
    List,
    /// This entry is passed over.
    Further,
}

pub fn step<R: PartialEq>(went: Went<R>) -> Step<R> {
    match went {
        Went { is_back: true, is_narrow: true, shown: Some(_), .. } => Step::List,
        Went { is_back: true, is_narrow: true, .. } => Step::Further,
        Went { is_back: true, shown, target, .. } if shown == target => Step::Further,
        Went { target, .. } => Step::Show(target),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn went(is_back: bool, is_narrow: bool, shown: Option<u8>, target: Option<u8>) -> Step<u8> {
        step(Went { is_back, is_narrow, shown, target })
    }

    #[test]
    fn on_a_phone_back_leads_from_a_conversation_to_the_list_and_from_there_out() {
        assert_eq!(went(true, true, Some(1), None), Step::List);
        assert_eq!(went(true, true, Some(2), Some(1)), Step::List, "not to the conversation before");
        assert_eq!(went(true, true, None, Some(1)), Step::Further, "never into a conversation again");
        assert_eq!(went(true, true, None, None), Step::Further);
        assert_eq!(went(false, true, None, Some(1)), Step::Show(Some(1)), "forward leads into it");
    }

    #[test]
    fn beside_the_list_it_follows_the_addresses_and_passes_over_what_changes_nothing() {
        assert_eq!(went(true, false, Some(2), Some(1)), Step::Show(Some(1)));
        assert_eq!(went(true, false, Some(1), None), Step::Show(None));
        assert_eq!(went(true, false, Some(1), Some(1)), Step::Further);
        assert_eq!(went(false, false, Some(1), Some(1)), Step::Show(Some(1)));
    }
}
