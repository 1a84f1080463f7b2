//! What a person chose for this browser: one cookie. The server renders every page by it, and windows read
//! it whenever they need to know, so that all of them follow without a word between them.

/// The cookie: `name.value` pairs with `&` between them, which no library finds a need to escape.
pub const SETTINGS_COOKIE: &str = "daehwa_settings";

/// The hours of a day, behind the one that holds until somebody chooses.
macro_rules! hours {
    ($default:literal) => {
        &[
            $default, "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17",
            "18", "19", "20", "21", "22", "23",
        ]
    };
}

/// One choice. The first value is what holds until somebody chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    pub name: &'static str,
    pub values: &'static [&'static str],
}

/// `auto` follows the system.
pub const THEME: Setting = Setting { name: "theme", values: &["auto", "light", "dark", "contrast"] };
/// The size of texts, smallest to largest.
pub const SIZE: Setting = Setting { name: "size", values: &["2", "1", "3", "4", "5"] };
/// `off`: nothing moves, whatever the system says.
pub const MOTION: Setting = Setting { name: "motion", values: &["on", "off"] };
/// Where a conversation opens: in a window of its own, or beside the list (`here`). `auto` decides by the width of
/// the window.
pub const PLACE: Setting = Setting { name: "place", values: &["auto", "window", "here"] };
/// What Enter does: `send`, or `break` the line while Ctrl+Enter sends.
pub const ENTER: Setting = Setting { name: "enter", values: &["send", "break"] };
/// Whether a new message is heard.
pub const SOUND: Setting = Setting { name: "sound", values: &["on", "off"] };
/// `on`: no sound in the quiet hours, nor while one is busy.
pub const QUIET: Setting = Setting { name: "quiet", values: &["on", "off"] };
/// The hour at which the quiet ones begin.
pub const FROM: Setting = Setting { name: "from", values: hours!("22") };
/// The hour at which they are over.
pub const TO: Setting = Setting { name: "to", values: hours!("7") };
/// Whether the system shows new messages while no window of ours is seen.
pub const NOTICES: Setting = Setting { name: "notices", values: &["off", "on"] };
/// Whether single keys are shortcuts.
pub const KEYS: Setting = Setting { name: "keys", values: &["on", "off"] };

pub const SETTINGS: [Setting; 11] = [THEME, SIZE, MOTION, PLACE, ENTER, SOUND, QUIET, FROM, TO, NOTICES, KEYS];
/// What the page itself carries as attributes, for the style.
pub const LOOK: [Setting; 4] = [THEME, SIZE, MOTION, PLACE];

impl Setting {
    /// What the cookie's value says of this setting; the first value when it says nothing that may be.
    pub fn of(self, cookie: &str) -> &'static str {
        let mut pairs = cookie.split('&').filter_map(|pair| pair.split_once('.'));
        let said = pairs.find(|(name, _)| *name == self.name).map(|(_, value)| value);
        self.values.iter().find(|value| Some(**value) == said).unwrap_or(&self.values[0])
    }
}

/// Whether an hour is a quiet one: from one on, until another, over midnight where that is earlier. Between an
/// hour and itself there is none.
pub fn is_quiet(hour: i64, from: &str, to: &str) -> bool {
    let (Ok(from), Ok(to)) = (from.parse::<i64>(), to.parse::<i64>()) else { return false };
    if from <= to { (from..to).contains(&hour) } else { hour >= from || hour < to }
}

/// The cookie's value for these choices; what is not among the values is left out.
pub fn settings_cookie<'a>(chosen: impl Fn(&str) -> Option<&'a str>) -> String {
    let pair = |setting: &Setting| {
        let value = chosen(setting.name).filter(|value| setting.values.contains(value))?;
        Some(format!("{}.{value}", setting.name))
    };
    SETTINGS.iter().filter_map(pair).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_read_and_nonsense_is_the_default() {
        let cookie = settings_cookie(|name| match name {
            "theme" => Some("dark"),
            "size" => Some("9"),
            "enter" => Some("break"),
            _ => None,
        });
        assert_eq!(cookie, "theme.dark&enter.break");
        assert_eq!((THEME.of(&cookie), SIZE.of(&cookie), ENTER.of(&cookie)), ("dark", "2", "break"));
        for cookie in ["", "theme", "theme.<script>", "&&.", "themes.dark", "theme=dark"] {
            assert_eq!(THEME.of(cookie), "auto", "{cookie}");
        }
    }

    #[test]
    fn quiet_hours_may_go_over_midnight_or_be_none() {
        let quiet = |from: &str, to: &str| (0..24).filter(|hour| is_quiet(*hour, from, to)).collect::<Vec<_>>();
        assert_eq!(quiet(FROM.of(""), TO.of("")), [0, 1, 2, 3, 4, 5, 6, 22, 23]);
        assert_eq!(quiet("12", "14"), [12, 13]);
        assert_eq!(quiet("23", "0"), [23]);
        assert!(quiet("0", "0").is_empty());
        let cookie = settings_cookie(|name| if name == "from" { Some("20") } else { Some("24") });
        assert_eq!((FROM.of(&cookie), TO.of(&cookie)), ("20", "7"));
    }
}
