//! The targets of the arrow keys in a menu or panel whose buttons are in rows: up and down from row to row, left and
//! right within a row.

/// The upper left corner of a button, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub left: i32,
    pub top: i32,
}

/// The step of an arrow key, Home or End.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GridStep {
    Up,
    Down,
    Left,
    Right,
    First,
    Last,
}

impl GridStep {
    /// By the name of the key.
    pub fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "ArrowUp" => Self::Up,
            "ArrowDown" => Self::Down,
            "ArrowLeft" => Self::Left,
            "ArrowRight" => Self::Right,
            "Home" => Self::First,
            "End" => Self::Last,
            _ => return None,
        })
    }
}

/// The index of the target of a step, from `from` or from outside. Cells are in reading order, with wrap-around. `None`
/// without cells.
pub fn next(cells: &[Cell], from: Option<usize>, step: GridStep) -> Option<usize> {
    let end = cells.len().checked_sub(1)?;
    let Some((index, here)) = from.and_then(|from| Some((from, *cells.get(from)?))) else {
        return Some(if matches!(step, GridStep::Up | GridStep::Last) { end } else { 0 });
    };
    // A row is a run of cells: cells that are scrolled out of view may be at the height of others.
    let row = |of: usize| {
        let is_other = |cell: &Cell| cell.top != cells[of].top;
        let first = cells[..of].iter().rposition(is_other).map_or(0, |before| before + 1);
        first..cells[of..].iter().position(is_other).map_or(cells.len(), |after| of + after)
    };
    let nearest = |of: usize| row(of).min_by_key(|index| (cells[*index].left - here.left).abs());
    let in_row = |step: usize| {
        let row = row(index);
        Some(row.start + (index - row.start + step) % row.len())
    };
    match step {
        GridStep::First => Some(0),
        GridStep::Last => Some(end),
        GridStep::Down => nearest((index..=end).find(|index| cells[*index].top != here.top).unwrap_or_default()),
        GridStep::Up => nearest((0..index).rev().find(|index| cells[*index].top != here.top).unwrap_or(end)),
        GridStep::Right => in_row(1),
        GridStep::Left => in_row(row(index).len() - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seven emojis in a row, two items one below the other, and a question with two buttons side by side.
    fn menu() -> Vec<Cell> {
        let emojis = (0..7).map(|column| Cell { left: column * 40, top: 0 });
        let rest = [(0, 50), (0, 90), (0, 130), (100, 130)];
        emojis.chain(rest.map(|(left, top)| Cell { left, top })).collect()
    }

    #[test]
    fn up_and_down_lead_from_row_to_row() {
        let go = |from, step| next(&menu(), Some(from), step);
        assert_eq!((go(0, GridStep::Down), go(6, GridStep::Down), go(7, GridStep::Down)), (Some(7), Some(7), Some(8)));
        assert_eq!(
            (go(8, GridStep::Down), go(10, GridStep::Down)),
            (Some(9), Some(2)),
            "the last row leads to the first"
        );
        assert_eq!((go(7, GridStep::Up), go(3, GridStep::Up), go(10, GridStep::Up)), (Some(0), Some(10), Some(8)));
    }

    #[test]
    fn left_and_right_stay_in_the_row() {
        let go = |from, step| next(&menu(), Some(from), step);
        assert_eq!(
            (go(0, GridStep::Right), go(6, GridStep::Right), go(0, GridStep::Left)),
            (Some(1), Some(0), Some(6))
        );
        assert_eq!(
            (go(7, GridStep::Right), go(7, GridStep::Left), go(9, GridStep::Left)),
            (Some(7), Some(7), Some(10))
        );
    }

    #[test]
    fn cells_out_of_sight_are_no_part_of_a_row_at_their_height() {
        // A list of four rows, of which the last two are hidden behind the bar below, and further down.
        let cells = [(0, 0), (0, 40), (0, 80), (0, 120), (0, 80), (40, 80)].map(|(left, top)| Cell { left, top });
        assert_eq!(next(&cells, Some(0), GridStep::Up), Some(4), "the bar");
        assert_eq!(next(&cells, Some(5), GridStep::Right), Some(4), "within the bar");
    }

    #[test]
    fn from_outside_a_step_leads_to_an_end() {
        assert_eq!((next(&menu(), None, GridStep::Down), next(&menu(), None, GridStep::Up)), (Some(0), Some(10)));
        assert_eq!((next(&menu(), Some(4), GridStep::Last), next(&[], None, GridStep::Down)), (Some(10), None));
    }
}
