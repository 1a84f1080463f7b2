//! The effects of the browser's "back" and "forward". The list, a room, and the layers over them are levels; "back"
//! goes up one level. The browser's history may have more entries than there are levels, because closing a layer
//! removes none: an entry that would change nothing is skipped.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Back,
    Forward,
    /// The page itself went back, from the entry of a room that it closed.
    Own,
}

/// A move in the browser's history, and the state of the page.
#[derive(Clone, Copy, Debug)]
pub struct NavigationMove<R> {
    pub direction: Direction,
    /// Whether the page is only wide enough for the list or a room.
    pub is_narrow: bool,
    pub shown: Option<R>,
    /// The room in the address of the entry.
    pub target: Option<R>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NavigationAction<R> {
    Show(Option<R>),
    /// Show the list, whatever the address says.
    ShowList,
    /// Skip this entry and go further back.
    Skip,
    /// Give the entry the address of what the page shows.
    Arrive,
}

impl<R: PartialEq> NavigationMove<R> {
    pub fn action(self) -> NavigationAction<R> {
        let Self { direction, is_narrow, shown, target } = self;
        match direction {
            Direction::Back if is_narrow && shown.is_some() => NavigationAction::ShowList,
            Direction::Back if is_narrow || shown == target => NavigationAction::Skip,
            Direction::Back | Direction::Forward => NavigationAction::Show(target),
            Direction::Own => NavigationAction::Arrive,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(direction: Direction, is_narrow: bool, shown: Option<u8>, target: Option<u8>) -> NavigationAction<u8> {
        NavigationMove { direction, is_narrow, shown, target }.action()
    }

    #[test]
    fn on_a_phone_back_leads_from_a_room_to_the_list_and_from_there_out() {
        assert_eq!(action(Direction::Back, true, Some(1), None), NavigationAction::ShowList);
        assert_eq!(
            action(Direction::Back, true, Some(2), Some(1)),
            NavigationAction::ShowList,
            "not to the previous room"
        );
        assert_eq!(action(Direction::Back, true, None, Some(1)), NavigationAction::Skip, "never into a room again");
        assert_eq!(action(Direction::Back, true, None, None), NavigationAction::Skip);
        assert_eq!(
            action(Direction::Forward, true, None, Some(1)),
            NavigationAction::Show(Some(1)),
            "forward leads into it"
        );
    }

    #[test]
    fn on_a_wide_page_it_follows_the_addresses_and_skips_what_changes_nothing() {
        assert_eq!(action(Direction::Back, false, Some(2), Some(1)), NavigationAction::Show(Some(1)));
        assert_eq!(action(Direction::Back, false, Some(1), None), NavigationAction::Show(None));
        assert_eq!(action(Direction::Back, false, Some(1), Some(1)), NavigationAction::Skip);
        assert_eq!(action(Direction::Forward, false, Some(1), Some(1)), NavigationAction::Show(Some(1)));
    }
}
