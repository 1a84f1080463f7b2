//! Decides when Enter sends. A Korean input method composes syllables: the Enter that ends a syllable must send the
//! message, once, with that syllable in it. In other languages, and in a list of Hanja, an Enter that the input method
//! handles picks a candidate and sends nothing.

/// An event of a text field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    CompositionStart,
    /// The text under composition, so far.
    CompositionUpdate(String),
    CompositionEnd(String),
    /// Enter was pressed. `is_taken`: the input method handles it (key code 229); otherwise the page does, even during
    /// a composition, as on phones.
    Enter {
        shift: bool,
        is_taken: bool,
    },
    /// Any other key was pressed.
    OtherKey,
    /// The task after `compositionend`, when the element holds the finished text.
    Settled,
}

/// What the field must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputAction {
    /// Leave the event to the browser.
    Nothing,
    /// Keep the newline out of the text.
    PreventDefault,
    /// Keep the newline out, end the composition, and send the current value of the element.
    Send,
    /// Apply [`Input::Settled`] one task later.
    Settle,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composing {
    /// The text of the composition; `None` without one.
    composed: Option<String>,
    /// Enter was pressed during a Korean syllable: send when the syllable is complete.
    sends_after: bool,
    /// The last composition was Korean.
    ended_korean: bool,
}

impl Composing {
    pub fn is_composing(&self) -> bool {
        self.composed.is_some()
    }

    /// Whether Enter is for the input method: it picks a candidate of a composition that is not Korean.
    pub fn holds_enter(&self) -> bool {
        self.composed.as_ref().is_some_and(|text| !is_korean(text))
    }

    pub fn apply(&mut self, input: Input) -> InputAction {
        match input {
            Input::CompositionStart => self.composed = Some(String::new()),
            Input::CompositionUpdate(text) => self.composed = Some(text),
            Input::CompositionEnd(text) => {
                self.composed = None;
                self.ended_korean = is_korean(&text);
                // A composition that became another text was a reading: Enter picked a candidate.
                self.sends_after &= self.ended_korean || text.is_empty();
                return if self.sends_after { InputAction::Settle } else { InputAction::Nothing };
            }
            Input::Settled if self.sends_after && self.composed.is_none() => {
                self.sends_after = false;
                return InputAction::Send;
            }
            Input::Settled => {}
            // The composition continued after Enter, so Enter did not end it.
            Input::OtherKey => self.sends_after &= self.composed.is_none(),
            Input::Enter { shift, is_taken } => return self.enter(shift, is_taken),
        }
        InputAction::Nothing
    }

    fn enter(&mut self, shift: bool, is_taken: bool) -> InputAction {
        if shift {
            return InputAction::Nothing;
        }
        match &self.composed {
            Some(_) if !is_taken => {
                self.sends_after = false;
                InputAction::Send
            }
            Some(text) if is_korean(text) => {
                self.sends_after = true;
                InputAction::PreventDefault
            }
            // Kana, pinyin, Hanja: Enter picks the candidate.
            Some(_) => InputAction::Nothing,
            None if self.sends_after => InputAction::PreventDefault,
            // Safari first ends the composition and then reports its Enter, still as handled by the input method.
            None if is_taken && !self.ended_korean => InputAction::PreventDefault,
            None => InputAction::Send,
        }
    }
}

/// Whether Enter alone breaks the line, by the setting. With `auto` it does on touch screens, as in other messengers,
/// until a key shows that there is a keyboard.
pub fn breaks_line(setting: &str, is_touch: bool, has_keyboard: bool) -> bool {
    setting == "break" || (setting == "auto" && is_touch && !has_keyboard)
}

/// Whether a key is missing on the keyboards of touch screens. `has_command`: with Ctrl, Alt or Meta.
pub fn shows_keyboard(key: &str, has_command: bool) -> bool {
    has_command || key.starts_with("Arrow") || matches!(key, "Tab" | "Escape" | "Home" | "End" | "PageUp" | "PageDown")
}

/// Whether a composition is Korean: Hangul syllables or jamo, and no Hanja. Input methods of phones compose a whole
/// word, which may contain other characters.
fn is_korean(text: &str) -> bool {
    let is_hangul = |c| matches!(c as u32, 0x1100..=0x11FF | 0x3130..=0x318F | 0xA960..=0xA97F | 0xAC00..=0xD7FF);
    let is_hanja = |c| matches!(c as u32, 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..);
    text.contains(is_hangul) && !text.contains(is_hanja)
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
                InputAction::Send => sent += 1,
                InputAction::Settle => pending_settle += 1,
                InputAction::Nothing | InputAction::PreventDefault => {}
            }
        }
        for _ in 0..pending_settle {
            sent += usize::from(composing.apply(Input::Settled) == InputAction::Send);
        }
        sent
    }

    fn enter(is_taken: bool) -> Input {
        Input::Enter { shift: false, is_taken }
    }

    fn end(text: &str) -> Input {
        Input::CompositionEnd(text.into())
    }

    fn composed(text: &str) -> [Input; 2] {
        [Input::CompositionStart, Input::CompositionUpdate(text.into())]
    }

    #[test]
    fn on_a_touch_screen_enter_breaks_the_line_until_there_is_a_keyboard_or_a_choice() {
        assert!(breaks_line("auto", true, false));
        assert!(!breaks_line("auto", true, true) && !breaks_line("auto", false, false));
        assert!(breaks_line("break", false, true) && !breaks_line("send", true, false));
        for key in ["Enter", "Shift", "Backspace", "a", "한", "Process", "Unidentified", "Dead"] {
            assert!(!shows_keyboard(key, false), "{key}");
        }
        assert!(shows_keyboard("ArrowLeft", false) && shows_keyboard("Tab", false) && shows_keyboard("Enter", true));
    }

    #[test]
    fn a_plain_enter_sends_once() {
        assert_eq!(sends(&[enter(false)]), 1);
    }

    #[test]
    fn shift_enter_breaks_the_line() {
        let mut composing = Composing::default();
        assert_eq!(composing.apply(Input::Enter { shift: true, is_taken: false }), InputAction::Nothing);
    }

    #[test]
    fn chrome_ends_the_syllable_after_enter_and_it_is_sent_once() {
        let [start, update] = composed("녕");
        assert_eq!(sends(&[start, update, enter(true), end("녕")]), 1);
    }

    #[test]
    fn chrome_on_windows_reports_enter_twice_and_it_is_sent_once() {
        let [start, update] = composed("녕");
        assert_eq!(sends(&[start, update, enter(true), end("녕"), enter(false)]), 1);
    }

    #[test]
    fn firefox_finishes_the_syllable_with_its_end_and_it_is_sent_once() {
        let [start, update] = composed("녀");
        assert_eq!(sends(&[start, update, enter(true), Input::CompositionUpdate("녕".into()), end("녕")]), 1);
    }

    #[test]
    fn safari_ends_the_syllable_before_the_input_methods_enter_and_it_is_sent_once() {
        let [start, update] = composed("녕");
        assert_eq!(sends(&[start, update, end("녕"), enter(true)]), 1);
        for picked in ["日本", "韓", "한(韓)", "※"] {
            let [start, update] = composed("한");
            assert_eq!(sends(&[start, update, end(picked), enter(true)]), 0, "{picked} is only picked");
        }
    }

    #[test]
    fn candidates_are_only_picked() {
        for text in ["にほん", "ni hao", "ｋ"] {
            let [start, update] = composed(text);
            assert_eq!(sends(&[start, update, enter(true), end("日本")]), 0, "{text}");
        }
        let [start, update] = composed("nihao");
        assert_eq!(sends(&[start, update, enter(true), end("nihao")]), 0, "the letters themselves are picked, too");
    }

    #[test]
    fn hanja_and_signs_for_a_syllable_are_only_picked_and_the_next_enter_sends() {
        for (reading, picked) in
            [("한", "韓"), ("대화", "對話"), ("김", "金"), ("한", "韓(한)"), ("금", "\u{F90A}"), ("ㅁ", "※")]
        {
            let [start, update] = composed(reading);
            let shown = Input::CompositionUpdate(picked.into());
            let inputs = [start, update, enter(true), shown, end(picked)];
            assert_eq!(sends(&inputs), 0, "{picked}");
            let again = inputs.into_iter().chain([enter(false)]).collect::<Vec<_>>();
            assert_eq!(sends(&again), 1, "{picked}, and Enter again");
        }
    }

    #[test]
    fn phones_give_enter_to_the_page_while_a_word_is_under_composition() {
        for word in ["hello", "안녕하세요", "안녕 hello", "にほん"] {
            let [start, update] = composed(word);
            assert_eq!(sends(&[start, update, enter(false)]), 1, "{word}");
            let [start, update] = composed(word);
            assert_eq!(
                sends(&[start, update, enter(false), end(word)]),
                1,
                "{word}, and what sending ends is not sent"
            );
            let [start, update] = composed(word);
            assert_eq!(sends(&[start, update, end(word), enter(false)]), 1, "{word}, ended by the keyboard first");
        }
    }

    #[test]
    fn the_key_that_changes_the_script_ends_a_syllable_and_sends_nothing() {
        let [start, update] = composed("한");
        let inputs = [start, update, Input::OtherKey, end("한"), Input::OtherKey];
        assert_eq!(sends(&inputs), 0);
        assert_eq!(sends(&inputs.into_iter().chain([enter(false)]).collect::<Vec<_>>()), 1);
    }

    #[test]
    fn an_enter_that_closes_a_list_of_candidates_is_not_remembered() {
        let [start, update] = composed("한");
        let longer = Input::CompositionUpdate("한".into());
        assert_eq!(sends(&[start, update, enter(true), Input::OtherKey, longer, end("한")]), 0);
    }

    #[test]
    fn a_composition_that_was_deleted_is_over() {
        let [start, update] = composed("ㄱ");
        let gone = Input::CompositionUpdate(String::new());
        assert_eq!(sends(&[start, update, Input::OtherKey, gone, end(""), enter(false)]), 1);
    }

    #[test]
    fn a_new_syllable_that_began_before_settling_is_not_cut_off() {
        let mut composing = Composing::default();
        let [start, update] = composed("녕");
        for input in [start.clone(), update.clone(), enter(true), end("녕"), start, update] {
            composing.apply(input);
        }
        assert_eq!(composing.apply(Input::Settled), InputAction::Nothing);
        assert_eq!(composing.apply(end("녕")), InputAction::Settle);
        assert_eq!(composing.apply(Input::Settled), InputAction::Send);
    }
}
