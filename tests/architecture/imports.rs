//! Resolves paths to files: through `use` trees, relative paths, renames and re-exports.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{CRATES, Source};

type Path = Vec<String>;

/// The modules of the workspace, with their imports and re-exports.
pub(crate) struct Modules {
    modules: BTreeMap<Path, Module>,
}

/// The dependencies of a module.
pub(crate) struct Dependencies {
    pub(crate) inside: BTreeSet<String>,
    pub(crate) outside: BTreeSet<String>,
}

struct Module {
    /// Names of the module's own items, which a glob re-exports.
    items: BTreeSet<String>,
    used: BTreeSet<Path>,
    /// The names of the file's imports, and their paths.
    names: BTreeMap<String, Path>,
    /// A re-exported name, and its path.
    passed_on: BTreeMap<String, Path>,
    globs: Vec<Path>,
}

impl Modules {
    pub(crate) fn of(sources: &[Source]) -> Self {
        let known: BTreeSet<Path> = sources.iter().map(|source| source.module.clone()).collect();
        Self { modules: sources.iter().map(|source| (source.module.clone(), Module::of(source, &known))).collect() }
    }

    /// The modules that each module depends on, with re-exports resolved, and the paths outside the workspace that it
    /// names, such as `axum::Router`.
    pub(crate) fn dependencies(&self) -> BTreeMap<String, Dependencies> {
        let each = self.modules.iter().map(|(path, module)| {
            let is_inside = |used: &&Path| CRATES.iter().any(|(name, _)| used[0] == *name);
            let (inside, outside): (Vec<_>, Vec<_>) = module.used.iter().partition(is_inside);
            let targets = inside.iter().filter_map(|used| self.target(used, &mut Vec::new()));
            let inside = targets.filter(|target| *target != path).map(|target| target.join("::")).collect();
            (path.join("::"), Dependencies { inside, outside: outside.iter().map(|used| used.join("::")).collect() })
        });
        each.collect()
    }

    /// The module that defines the item of a path; follows re-exports.
    fn target<'m>(&'m self, path: &[String], seen: &mut Vec<&'m Path>) -> Option<&'m Path> {
        let length = (1..=path.len()).rev().find(|length| self.modules.contains_key(&path[..*length]))?;
        let (at, module) = self.modules.get_key_value(&path[..length])?;
        let Some(name) = path.get(length) else { return Some(at) };
        if seen.contains(&at) {
            return Some(at);
        }
        seen.push(at);
        if let Some(passed_on) = module.passed_on.get(name) {
            let further: Path = passed_on.iter().chain(&path[length + 1..]).cloned().collect();
            return self.target(&further, seen);
        }
        let has_item = |glob: &&Path| self.modules.get(*glob).is_some_and(|module| module.items.contains(name));
        let through_glob = if module.items.contains(name) { None } else { module.globs.iter().find(has_item) };
        through_glob.and_then(|glob| self.modules.get_key_value(glob)).map(|(path, _)| path).or(Some(at))
    }
}

impl Module {
    fn of(source: &Source, known: &BTreeSet<Path>) -> Self {
        let code: String = source.code().map(|(_, line)| format!("{line}\n")).collect();
        let mut module = Self {
            items: items(&code),
            used: BTreeSet::new(),
            names: BTreeMap::new(),
            passed_on: BTreeMap::new(),
            globs: Vec::new(),
        };
        let mut rest = String::new();
        for statement in code.split_inclusive(';') {
            match use_tree(statement) {
                Some((before, is_public, tree)) => {
                    rest.push_str(before);
                    expand(&tree).iter().for_each(|path| module.take_in(source, known, path, is_public));
                }
                None => rest.push_str(statement),
            }
        }
        for path in written_out(&rest) {
            // A path that starts with an imported name continues at the import.
            let (first, further) = path.split_once("::").unwrap_or((&path, ""));
            let local = module.names.get(first).map(|imported| format!("{}::{further}", imported.join("::")));
            module.take_in(source, known, local.as_ref().unwrap_or(&path), false);
        }
        module
    }

    fn take_in(&mut self, source: &Source, known: &BTreeSet<Path>, path: &str, is_public: bool) {
        let (path, alias) = path.split_once('@').map_or((path, None), |(path, alias)| (path, Some(alias)));
        let Some(mut path) = absolute(source, known, path) else { return };
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let is_glob = path.last().is_some_and(|last| last == "*");
        if is_glob {
            path.pop();
        }
        match (is_public, is_glob) {
            (true, true) => self.globs.push(path),
            (true, false) => {
                let name = alias.or(path.last().map(String::as_str)).unwrap_or_default().to_owned();
                self.passed_on.insert(name, path);
            }
            (false, _) => {
                let name = alias.or(path.last().map(String::as_str)).unwrap_or_default().to_owned();
                self.names.entry(name).or_insert_with(|| path.clone());
                self.used.insert(path);
            }
        }
    }
}

/// The code before the `use` at the end of this statement, whether it is public, and its tree without spaces.
fn use_tree(statement: &str) -> Option<(&str, bool, String)> {
    let at = statement.match_indices("use ").map(|(at, _)| at).find(|at| {
        let before = &statement[..*at];
        let line = before.rsplit('\n').next().unwrap_or_default().trim();
        line.is_empty() || (line.starts_with("pub") && !line.contains(' ')) || line.starts_with("pub(in ")
    })?;
    let line_start = statement[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let is_public = statement[line_start..at].contains("pub");
    let tree = statement[at + 4..].trim_end_matches(';').replace(" as ", "@");
    Some((&statement[..line_start], is_public, tree.split_whitespace().collect()))
}

/// Every path of a `use` tree in full; a rename follows `@`.
pub(crate) fn expand(tree: &str) -> Vec<String> {
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

/// Paths of two segments or more in code outside of `use`.
fn written_out(code: &str) -> Vec<String> {
    // A visibility is not a dependency.
    let code = code.replace("pub(in crate::", "pub(");
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c| !is_path(c)).filter(|word| word.contains("::"));
    words.map(|word| word.trim_matches(':').to_owned()).filter(|word| word.contains("::")).collect()
}

/// The path with its crate first; `None` when it starts with a local name, such as an enum.
fn absolute(source: &Source, known: &BTreeSet<Path>, path: &str) -> Option<Path> {
    let mut segments: Path = path.split("::").filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
    let mut base = source.module.clone();
    match segments.first()?.as_str() {
        "crate" => base.truncate(1),
        "self" | "Self" => {}
        "super" => {
            while segments.first().is_some_and(|segment| segment == "super") {
                segments.remove(0);
                base.pop();
            }
            return Some([base, segments].concat());
        }
        first => {
            let child: Path = base.iter().cloned().chain([first.to_owned()]).collect();
            let is_child = known.contains(&child);
            let is_crate = first.chars().next().is_some_and(char::is_lowercase);
            return if is_child { Some([base, segments].concat()) } else { is_crate.then_some(segments) };
        }
    }
    Some([base.as_slice(), &segments[1..]].concat())
}

/// Names of the items that a file defines.
fn items(code: &str) -> BTreeSet<String> {
    const KINDS: [&str; 8] = ["fn", "struct", "enum", "const", "type", "trait", "static", "mod"];
    let mut items = BTreeSet::new();
    for line in code.lines().filter(|line| line.starts_with("pub")) {
        let mut words = line.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
        if words.any(|word| KINDS.contains(&word)) {
            // `const fn name`.
            items.extend(words.find(|word| !KINDS.contains(word)).map(str::to_owned));
        }
    }
    items
}
