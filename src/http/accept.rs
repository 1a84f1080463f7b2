//! Headers with a client's preferences (RFC 9110, 12.4.2): `br;q=0.8, gzip, *;q=0`.

use axum::http::{HeaderMap, HeaderName};

/// The highest weight, in thousandths; 0 refuses.
const WHOLE: u16 = 1000;

/// The named items with their weights, in the order of the header.
pub(super) fn named(headers: &HeaderMap, name: HeaderName) -> Vec<(&str, u16)> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).filter_map(one).collect()
}

/// The accepted items, by descending weight, then in the order of the header.
pub(super) fn preferred(headers: &HeaderMap, name: HeaderName) -> Vec<&str> {
    let mut named = named(headers, name);
    named.retain(|(_, weight)| *weight > 0);
    named.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    named.into_iter().map(|(text, _)| text).collect()
}

/// The weight of an item, else that of `*`, else `None`.
pub(super) fn weight(named: &[(&str, u16)], text: &str) -> Option<u16> {
    let find = |text: &str| named.iter().find(|(known, _)| known.eq_ignore_ascii_case(text)).map(|(_, weight)| *weight);
    find(text).or_else(|| find("*"))
}

fn one(part: &str) -> Option<(&str, u16)> {
    let mut parameters = part.split(';').map(str::trim);
    let text = parameters.next().filter(|text| !text.is_empty())?;
    let quality = parameters.find_map(|parameter| parameter.strip_prefix("q=").or(parameter.strip_prefix("Q=")));
    // An invalid weight does not mean a refusal.
    let quality: f32 = quality.map_or(Ok(1.0), str::parse).unwrap_or(1.0);
    Some((text, (quality.clamp(0.0, 1.0) * f32::from(WHOLE)).round() as u16))
}

#[cfg(test)]
mod tests {
    use axum::http::header::ACCEPT_ENCODING;

    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (ACCEPT_ENCODING, line.parse().unwrap())).collect()
    }

    #[test]
    fn the_highest_weight_comes_first_and_refused_items_never() {
        for (lines, expected) in [
            (&["gzip, br"][..], &["gzip", "br"][..]),
            (&["gzip;q=0.5, br;q=0.8"], &["br", "gzip"]),
            (&["br;q=0, gzip"], &["gzip"]),
            (&["br; q=0.000 ,gzip ; q=1.0"], &["gzip"]),
            (&["gzip;q=0.2", "br"], &["br", "gzip"]),
            (&["", ","], &[]),
            (&["br;q=x"], &["br"]),
        ] {
            assert_eq!(preferred(&headers(lines), ACCEPT_ENCODING), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_star_is_the_weight_of_items_that_are_not_named() {
        let headers = headers(&["br;q=0, *;q=0.5"]);
        let named = named(&headers, ACCEPT_ENCODING);
        assert_eq!((weight(&named, "BR"), weight(&named, "gzip")), (Some(0), Some(500)));
        assert_eq!(weight(&[], "gzip"), None);
    }
}
