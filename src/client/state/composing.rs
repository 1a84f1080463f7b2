//! When Enter sends. Korean is written with an input method that composes syllables: the Enter that ends
//! a syllable must send too, once, and with that syllable in it. Elsewhere Enter only picks a candidate.

/// What the composer's element tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    CompositionStart,
    /// The text under composition, so far.
    CompositionUpdate(String),
    CompositionEnd(String),
    /// Enter went down. `is_composing`: the browser says that the input method has it, by
    /// `isComposing` or by the key code 229.
    Enter {
        shift: bool,
        is_composing: bool,
    },
    /// The task after `compositionend`: by now the element holds the finished text.
    Settled,
}

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// The browser's own way.
    Nothing,
    /// Keep the newline out of the text.
    PreventDefault,
    /// Keep the newline out, read the element's live value and send it.
    Send,
    /// Come back with [`Input::Settled`] one task later.
    Settle,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composing {
    /// The text under composition; none while nothing is.
    composed: Option<String>,
    /// Enter was pressed during a Korean syllable: send when it is finished.
    sends_after: bool,
    /// What was composed last was Korean.
    ended_hangul: bool,
}

impl Composing {
    pub fn apply(&mut self, input: Input) -> Reaction {
        match input {
            Input::CompositionStart => self.composed = Some(String::new()),
            Input::CompositionUpdate(text) => self.composed = Some(text),
            Input::CompositionEnd(text) => {
                self.composed = None;
                self.ended_hangul = is_hangul(&text);
                return if self.sends_after { Reaction::Settle } else { Reaction::Nothing };
            }
            Input::Settled if self.sends_after && self.composed.is_none() => {
                self.sends_after = false;
                return Reaction::Send;
            }
            Input::Settled => {}
            Input::Enter { shift, is_composing } => return self.enter(shift, is_composing),
        }
        Reaction::Nothing
    }

    fn enter(&mut self, shift: bool, is_composing: bool) -> Reaction {
        if shift {
            return Reaction::Nothing;
        }
        match &self.composed {
            Some(text) if is_hangul(text) => {
                self.sends_after = true;
                Reaction::PreventDefault
            }
            // Kana, hanzi: Enter picks the candidate.
            Some(_) => Reaction::Nothing,
            None if self.sends_after => Reaction::PreventDefault,
            // Safari ends the composition first and then reports its Enter, still as the input method's.
            None if is_composing && !self.ended_hangul => Reaction::PreventDefault,
            None => Reaction::Send,
        }
    }
}

/// Whether the text under composition is Korean: syllables or the letters they are made of.
fn is_hangul(text: &str) -> bool {
    // Input methods of phones hold a whole word, with what else stands in it.
    text.chars().any(|c| matches!(c as u32, 0x1100..=0x11FF | 0x3130..=0x318F | 0xA960..=0xA97F | 0xAC00..=0xD7FF))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sends(inputs: &[Input]) -> usize {
        let mut composing = Composing::default();
        let mut pending_settle = 0;
        let mut sent = 0;
        for input in inputs {
            match composing.apply(input.clone()) {
                Reaction::Send => sent += 1,
                Reaction::Settle => pending_settle += 1,
                Reaction::Nothing | Reaction::PreventDefault => {}
            }
        }
        for _ in 0..pending_settle {
            sent += usize::from(composing.apply(Input::Settled) == Reaction::Send);
        }
        sent
    }

    fn enter(is_composing: bool) -> Input {
        Input::Enter { shift: false, is_composing }
    }

    fn composed(text: &str) -> [Input; 2] {
        [Input::CompositionStart, Input::CompositionUpdate(text.into())]
    }

    #[test]
    fn a_plain_enter_sends_once() {
        assert_eq!(sends(&[enter(false)]), 1);
    }

    #[test]
    fn shift_enter_breaks_the_line() {
        let mut composing = Composing::default();
        assert_eq!(composing.apply(Input::Enter { shift: true, is_composing: false }), Reaction::Nothing);
    }

    #[test]
    fn chrome_ends_the_syllable_after_enter_and_it_is_sent_once() {
        let [start, update] = composed("녕");
        assert_eq!(sends(&[start, update, enter(true), Input::CompositionEnd("녕".into())]), 1);
    }

    #[test]
    fn chrome_on_windows_reports_enter_twice_and_it_is_sent_once() {
        let [start, update] = composed("녕");
        assert_eq!(sends(&[start, update, enter(true), Input::CompositionEnd("녕".into()), enter(false)]), 1);
    }

    #[test]
    fn safari_ends_the_syllable_before_the_input_methods_enter_and_it_is_sent_once() {
        let [start, update] = composed("녕");
        assert_eq!(sends(&[start, update, Input::CompositionEnd("녕".into()), enter(true)]), 1);
        let [start, update] = composed("にほん");
        let picked = [start, update, Input::CompositionEnd("日本".into()), enter(true)];
        assert_eq!(sends(&picked), 0, "and a candidate is only picked");
    }

    #[test]
    fn candidates_are_only_picked() {
        for text in ["にほん", "ni hao", "ｋ"] {
            let [start, update] = composed(text);
            let inputs = [start, update, enter(true), Input::CompositionEnd("日本".into())];
            assert_eq!(sends(&inputs), 0, "{text}");
        }
    }

    #[test]
    fn a_new_syllable_begun_meanwhile_is_not_cut_off() {
        let mut composing = Composing::default();
        let [start, update] = composed("녕");
        for input in [start.clone(), update.clone(), enter(true), Input::CompositionEnd("녕".into()), start, update] {
            composing.apply(input);
        }
        assert_eq!(composing.apply(Input::Settled), Reaction::Nothing);
        assert_eq!(composing.apply(Input::CompositionEnd("녕".into())), Reaction::Settle);
        assert_eq!(composing.apply(Input::Settled), Reaction::Send);
    }
}
