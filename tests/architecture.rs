//! Holds the walls of the house: who may import whom, where features may be asked for, how long a
//! function may be. The rows are ARCHITECTURE.md's.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Lines of the longest function; think again long before.
const FUNCTION_LINES: usize = 70;
/// Lines of the longest file.
const FILE_LINES: usize = 400;

/// A room, and what its files must not mention.
const WALLS: [(&str, &[&str]); 15] = [
    (
        "protocol",
        &[
            "crate::api",
            "crate::client",
            "crate::server",
            "leptos",
            "axum",
            "sqlx",
            "tokio",
            "web_sys",
            "gloo",
            "tracing",
        ],
    ),
    ("client", &["crate::server", "axum", "sqlx", "tokio"]),
    (
        "server/hub",
        &["crate::server::store", "crate::server::live", "crate::server::messenger", "axum", "sqlx", "leptos"],
    ),
    ("server/store", &["crate::server::hub", "crate::server::messenger", "axum", "leptos"]),
    (
        "server/text",
        &[
            "crate::client",
            "crate::server::hub",
            "crate::server::store",
            "crate::server::messenger",
            "crate::server::live",
            "axum",
            "sqlx",
            "leptos",
            "tokio",
        ],
    ),
    ("server/messenger", &["axum", "sqlx", "leptos", "crate::client", "crate::server::live", "crate::server::session"]),
    ("server/live", &["crate::server::store", "sqlx", "crate::client", "crate::server::form"]),
    ("server/session.rs", &["crate::server::live", "crate::server::form", "crate::client", "sqlx"]),
    ("server/page.rs", &["crate::server::store", "crate::server::hub", "crate::server::live", "sqlx"]),
    ("server/form.rs", &["crate::server::store", "crate::server::hub", "crate::server::live", "sqlx"]),
    ("server/own.rs", &["crate::server::store", "crate::server::hub", "crate::server::live", "sqlx"]),
    ("server/assets.rs", &["crate::server", "crate::client"]),
    ("server/origin.rs", &["crate::server", "crate::client"]),
    ("server/command", &["axum", "sqlx", "crate::server::store", "crate::server::hub", "crate::server::live"]),
    ("server/config.rs", &["axum", "sqlx", "crate::server::store", "crate::server::hub"]),
];

struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// The path below src, with forward slashes.
    fn name(&self) -> String {
        let below = self.path.strip_prefix(root().join("src")).unwrap_or(&self.path);
        below.to_string_lossy().replace('\\', "/")
    }

    /// Its lines without comments and without its tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let product = self.text.split("\n#[cfg(test)]").next().unwrap_or_default();
        product.lines().enumerate().map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(Source { text: fs::read_to_string(&path).unwrap(), path });
            }
        }
    }
    found
}

fn report(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn nobody_imports_through_a_wall() {
    let mut faults = Vec::new();
    for source in sources("src") {
        for (room, forbidden) in WALLS.iter().filter(|(room, _)| source.name().starts_with(room)) {
            for (number, line) in source.code() {
                for word in forbidden.iter().filter(|word| mentions(line, word)) {
                    faults.push(format!("{}:{number}: {room} must not know {word}", source.name()));
                }
            }
        }
    }
    report(faults);
}

/// Whether the line names this path, as a whole path segment.
fn mentions(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let before = line[..at].chars().next_back();
        let after = line[at + path.len()..].chars().next();
        let is_path = path.starts_with("crate::") || line[at + path.len()..].starts_with("::");
        is_path && !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

#[test]
fn multi_line_imports_are_seen_too() {
    let mut faults = Vec::new();
    for source in sources("src") {
        let flat = flatten_imports(&source);
        for (room, forbidden) in WALLS.iter().filter(|(room, _)| source.name().starts_with(room)) {
            for word in forbidden
                .iter()
                .filter(|word| flat.iter().any(|path| path == *word || path.starts_with(&format!("{word}::"))))
            {
                faults.push(format!("{}: {room} must not import {word}", source.name()));
            }
        }
    }
    report(faults);
}

/// Every path of a file's `use` declarations, written out.
fn flatten_imports(source: &Source) -> Vec<String> {
    let code: String = source.code().map(|(_, line)| format!("{line}\n")).collect();
    let declarations = code.split("\nuse ").skip(1).filter_map(|rest| rest.split(';').next());
    declarations.flat_map(|declaration| expand(&declaration.split_whitespace().collect::<String>())).collect()
}

fn expand(tree: &str) -> Vec<String> {
    let Some((prefix, group)) = tree.split_once('{') else { return vec![tree.to_owned()] };
    let group = group.strip_suffix('}').unwrap_or(group);
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    parts.into_iter().filter(|part| !part.is_empty()).flat_map(|part| expand(&format!("{prefix}{part}"))).collect()
}

#[test]
fn imports_are_written_out_rightly() {
    assert_eq!(expand("crate::{a::{B,c::D},e}"), ["crate::a::B", "crate::a::c::D", "crate::e"]);
    assert!(mentions("use axum::Router;", "axum") && mentions("axum::Error", "axum"));
    assert!(!mentions("my_axum::x", "axum") && !mentions("axum_server::x", "axum"));
}

#[test]
fn features_are_asked_for_in_two_places_only() {
    let allowed = ["lib.rs", "client/platform/mod.rs"];
    let sources = sources("src");
    let others = sources.iter().filter(|source| !allowed.contains(&source.name().as_str()));
    let faults = others.flat_map(|source| {
        let lines = source.code().filter(|(_, line)| line.contains("feature =") || line.contains("feature=\""));
        lines.map(|(number, _)| format!("{}:{number}: asks for a feature", source.name())).collect::<Vec<_>>()
    });
    report(faults.collect());
}

#[test]
fn the_hub_never_waits() {
    let sources = sources("src/server/hub");
    let faults = sources.iter().flat_map(|source| {
        let lines = source.code().filter(|(_, line)| line.contains(".await") || line.contains("async "));
        lines.map(|(number, _)| format!("{}:{number}: waits", source.name())).collect::<Vec<_>>()
    });
    report(faults.collect());
}

#[test]
fn functions_and_files_stay_short() {
    let mut faults = Vec::new();
    for source in ["src", "tests"].into_iter().flat_map(sources) {
        let lines: Vec<&str> = source.text.lines().collect();
        let is_product = source.path.starts_with(root().join("src"));
        if is_product && source.code().count() > FILE_LINES {
            faults.push(format!("{}: {} lines", source.name(), source.code().count()));
        }
        for (start, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
            let end = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
            let length = lines[start..].iter().position(|line| *line == end).map_or(1, |length| length + 1);
            if length > FUNCTION_LINES {
                faults.push(format!("{}:{}: a function of {length} lines", source.name(), start + 1));
            }
        }
    }
    report(faults);
}

fn begins_function(line: &str) -> bool {
    let mut words = line.trim_start().split(' ');
    let mut word = words.next();
    while word.is_some_and(|word| word.starts_with("pub") || word == "async" || word == "const") {
        word = words.next();
    }
    word == Some("fn") && line.ends_with(['{', '('])
}

#[test]
fn the_tools_have_the_crates_versions() {
    let versions = fs::read_to_string(root().join("scripts/versions.env")).unwrap();
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let tool = versions.lines().find_map(|line| line.strip_prefix("WASM_BINDGEN_VERSION=")).unwrap();
    assert!(
        manifest.contains(&format!("wasm-bindgen = \"={tool}\"")),
        "wasm-bindgen differs from scripts/versions.env"
    );
    let minimum = versions.lines().find_map(|line| line.strip_prefix("RUST_MINIMUM=")).unwrap();
    let known = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    assert!(minimum.starts_with(known), "rust-version differs from scripts/versions.env");
}
