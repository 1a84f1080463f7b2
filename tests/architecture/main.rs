//! The rules of ARCHITECTURE.md: which module may depend on which, no cycles between files, features in one place, the
//! length of functions and files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cycles;
mod imports;
mod source;

use std::{collections::BTreeMap, fs};

use imports::{Dependencies, Modules, expand};
use source::{product, sources, tests_and_benches, workspace};

/// Lines of the longest function; most have 15 or fewer.
const FUNCTION_LINES: usize = 70;
/// Lines of the longest file.
const FILE_LINES: usize = 400;

/// A module, and the modules on which it and its submodules must not depend. The compiler enforces the boundaries
/// between crates.
const BOUNDARIES: [(&str, &[&str]); 16] = [
    ("protocol", &["leptos", "axum", "sqlx", "tokio", "web_sys", "tracing"]),
    ("media", &["protocol", "server", "leptos", "axum", "sqlx", "tokio", "tracing", "std::net", "std::fs"]),
    (
        "server::model",
        &["server::hub", "server::store", "server::messenger", "server::socket", "sqlx", "axum", "tokio"],
    ),
    ("server::hub", &["server::store", "server::messenger", "server::socket", "axum", "sqlx"]),
    ("server::store", &["server::hub", "server::messenger", "server::socket", "axum"]),
    ("server::files", &["server::hub", "server::store", "server::messenger", "server::socket", "axum", "sqlx"]),
    ("server::bus", &["server::hub", "server::store", "server::messenger", "server::socket", "axum", "sqlx"]),
    ("server::text", &["server::hub", "server::store", "server::messenger", "server::socket", "axum", "sqlx", "tokio"]),
    ("server::messenger", &["server::socket", "server::session", "server::app", "axum", "sqlx"]),
    ("server::socket", &["server::store", "sqlx"]),
    ("server::session", &["server::socket", "server::store", "sqlx"]),
    ("server::address", &["server::app", "server::hub", "server::store", "server::messenger", "server::socket"]),
    ("server::origin", &["server::app", "server::hub", "server::store", "server::messenger", "server::socket"]),
    ("server::connections", &["server::app", "server::messenger", "server::socket", "axum"]),
    ("daehwa", &["server::hub", "server::store", "sqlx"]),
    (
        "client::state",
        &[
            "client::platform",
            "client::components",
            "client::pages",
            "client::view",
            "client::lobby",
            "client::room",
            "client::socket",
            "client::text::date",
            "web_sys",
            "js_sys",
            "wasm_bindgen",
            "leptos",
        ],
    ),
];

fn report(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn dependencies() -> BTreeMap<String, Dependencies> {
    Modules::of(&product()).dependencies()
}

/// Whether a path is this module or inside it.
fn is_in(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[test]
fn no_module_imports_across_a_boundary() {
    let mut faults = Vec::new();
    for (module, dependencies) in dependencies() {
        for (bounded, forbidden) in BOUNDARIES.iter().filter(|(bounded, _)| is_in(&module, bounded)) {
            let paths = dependencies.inside.iter().chain(&dependencies.outside);
            for path in paths.filter(|path| forbidden.iter().any(|word| is_in(path, word))) {
                faults.push(format!("{module}: {bounded} must not know {path}"));
            }
        }
    }
    report(faults);
}

#[test]
fn one_module_knows_the_protocol_of_the_bus() {
    let others = dependencies().into_iter().filter(|(module, _)| !is_in(module, "server::bus"));
    let knowing = others.filter(|(_, dependencies)| dependencies.outside.iter().any(|path| is_in(path, "async_nats")));
    report(knowing.map(|(module, _)| format!("{module}: ask server::bus")).collect());
}

#[test]
fn no_files_depend_on_each_other_in_a_cycle() {
    let dependencies = dependencies();
    let graph = dependencies
        .iter()
        .map(|(module, dependencies)| (module.as_str(), dependencies.inside.iter().map(String::as_str).collect()));
    let cycles = cycles::cycles(&graph.collect());
    report(cycles.iter().map(|cycle| format!("a cycle: {cycle:?}")).collect());
}

#[test]
fn paths_resolve_to_the_file_that_defines_the_item() {
    assert_eq!(expand("crate::{a::{B,c::D},e}"), ["crate::a::B", "crate::a::c::D", "crate::e"]);
    let file = |module: &str, text: &str| source::Source {
        name: String::new(),
        module: module.split("::").map(str::to_owned).collect(),
        text: text.into(),
    };
    let sources = [
        file("server", "pub mod a;\npub mod b;"),
        file("server::a", "mod one;\nmod two;\npub use one::One as Uno;\npub use two::*;"),
        file("server::a::one", "pub struct One;\n#[cfg(test)]\nmod tests {\n    use crate::b;\n}"),
        file("server::a::two", "use super::one::One;\npub fn two() { axum::serve(); }"),
        file(
            "server::b",
            "#[cfg(test)]\nmod seen;\nuse crate::{\n    a::{self, Uno as X}, // protocol::room_socket\n};\nfn f() { a::two(); }",
        ),
    ];
    let dependencies = Modules::of(&sources).dependencies();
    let of = |module: &str| Vec::from_iter(dependencies[module].inside.iter().map(String::as_str));
    assert_eq!(of("server::b"), ["server::a", "server::a::one", "server::a::two"]);
    assert_eq!(of("server::a::two"), ["server::a::one"]);
    assert!(of("server::a").is_empty() && of("server::a::one").is_empty());
    assert!(dependencies["server::a::two"].outside.contains("axum::serve"));
    let edge = |from, to: &[&'static str]| (from, to.iter().copied().collect());
    let graph = BTreeMap::from([edge("a", &["b"]), edge("b", &["c"]), edge("c", &["b"]), edge("d", &["d", "a"])]);
    assert_eq!(cycles::cycles(&graph), [["b", "c"].into_iter().collect()]);
}

#[test]
fn features_are_tested_in_two_files_only() {
    let allowed = ["crates/client/src/platform/mod.rs", "crates/client/src/unicode/mod.rs"];
    let sources = product();
    let others = sources.iter().filter(|source| !allowed.contains(&source.name.as_str()));
    let faults = others.flat_map(|source| {
        let lines = source.code().filter(|(_, line)| line.contains("feature =") || line.contains("feature=\""));
        lines.map(|(number, _)| format!("{}:{number}: asks for a feature", source.name)).collect::<Vec<_>>()
    });
    report(faults.collect());
}

/// A page may be dropped on another thread of the server than it was rendered on.
#[test]
fn values_bound_to_a_thread_are_kept_in_one_file_only() {
    let sources = sources("client", "crates/client/src");
    let others = sources.iter().filter(|source| source.name != "crates/client/src/platform/browser_value.rs");
    let faults = others.flat_map(|source| {
        let is_bound = |line: &str| ["new_local", "LocalStorage", "SendWrapper"].iter().any(|word| line.contains(word));
        let lines = source.code().filter(|(_, line)| is_bound(line));
        lines.map(|(number, _)| format!("{}:{number}: use BrowserValue", source.name)).collect::<Vec<_>>()
    });
    report(faults.collect());
}

#[test]
fn the_hub_never_waits() {
    let sources = sources("hub", "crates/server/src/hub");
    let faults = sources.iter().flat_map(|source| {
        let lines = source.code().filter(|(_, line)| line.contains(".await") || line.contains("async "));
        lines.map(|(number, _)| format!("{}:{number}: waits", source.name)).collect::<Vec<_>>()
    });
    report(faults.collect());
}

#[test]
fn no_name_of_a_type_or_component_means_two_things() {
    let mut defined = BTreeMap::<String, Vec<String>>::new();
    for source in product().into_iter().chain(tests_and_benches()) {
        let lines: Vec<&str> = source.code().map(|(_, line)| line).collect();
        for (index, line) in lines.iter().enumerate() {
            let is_component = index > 0 && lines[index - 1].trim() == "#[component]";
            if let Some(name) = defined_name(line, is_component) {
                defined.entry(name).or_default().push(format!("{}:{}", source.name, index + 1));
            }
        }
    }
    let twice = defined.into_iter().filter(|(_, files)| files.len() > 1);
    report(twice.map(|(name, files)| format!("{name} has two meanings: {files:?}")).collect());
}

/// The type, or the component, that a line at the outermost level defines.
fn defined_name(line: &str, is_component: bool) -> Option<String> {
    let kinds: &[&str] = if is_component { &["fn"] } else { &["struct", "enum", "union", "type", "trait"] };
    let public = line.strip_prefix("pub").unwrap_or(line);
    let public = public.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(public, |(_, rest)| rest);
    let (kind, rest) = public.trim_start().split_once(' ')?;
    let name = rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()?;
    (!line.starts_with(' ') && kinds.contains(&kind)).then(|| name.to_owned())
}

#[test]
fn functions_and_files_stay_short() {
    let mut faults = Vec::new();
    for source in product().into_iter().chain(tests_and_benches()) {
        let lines: Vec<&str> = source.text.lines().collect();
        if source.code().count() > FILE_LINES {
            faults.push(format!("{}: {} lines", source.name, source.code().count()));
        }
        for (start, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
            let end = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
            let length = lines[start..].iter().position(|line| *line == end).map_or(1, |length| length + 1);
            if length > FUNCTION_LINES {
                faults.push(format!("{}:{}: a function of {length} lines", source.name, start + 1));
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
fn the_tools_have_the_versions_of_their_crates() {
    let versions = fs::read_to_string(workspace().join("scripts/versions.env")).unwrap();
    let manifest = fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
    let tool = versions.lines().find_map(|line| line.strip_prefix("WASM_BINDGEN_VERSION=")).unwrap();
    assert!(
        manifest.contains(&format!("wasm-bindgen = \"={tool}\"")),
        "wasm-bindgen differs from scripts/versions.env"
    );
    let minimum = versions.lines().find_map(|line| line.strip_prefix("RUST_MINIMUM=")).unwrap();
    let known = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    assert!(minimum.starts_with(known), "rust-version differs from scripts/versions.env");
}
