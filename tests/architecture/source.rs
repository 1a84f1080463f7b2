//! The source files of the workspace, and the code in them without comments and tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Each crate: its name in code, and its folder.
pub(crate) const CRATES: [(&str, &str); 6] = [
    ("protocol", "crates/protocol/src"),
    ("client", "crates/client/src"),
    ("server", "crates/server/src"),
    ("front", "crates/front/src"),
    ("media", "crates/media/src"),
    ("daehwa", "src"),
];

pub(crate) struct Source {
    /// The path from the workspace, with forward slashes: `crates/server/src/hub/state.rs`.
    pub(crate) name: String,
    /// The module's path, its crate first: `server::hub::state`.
    pub(crate) module: Vec<String>,
    pub(crate) text: String,
}

impl Source {
    /// The lines before the file's own tests, without comments, numbered from 1.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let is_test =
            |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{');
        let end = lines.windows(2).position(is_test).unwrap_or(lines.len());
        let lines = lines.into_iter().take(end).enumerate();
        lines.map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
    }
}

pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file of the product.
pub(crate) fn product() -> Vec<Source> {
    CRATES.iter().flat_map(|(name, folder)| sources(name, folder)).collect()
}

/// Every source file of the tests that connect as clients do, of the conformance suites and of the benches.
pub(crate) fn tests_and_benches() -> Vec<Source> {
    let folders = ["tests", "benches", "crates/media/tests", "crates/server/tests", "crates/server/examples"];
    folders.into_iter().flat_map(|folder| sources(folder, folder)).collect()
}

/// Every file below a folder of the workspace, as modules of the crate `name`.
pub(crate) fn sources(name: &str, folder: &str) -> Vec<Source> {
    let root = workspace().join(folder);
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    files.into_iter().map(|file| source(name, &root, &file)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

fn source(name: &str, root: &Path, file: &Path) -> Source {
    let text = |path: &Path| path.to_string_lossy().replace('\\', "/");
    let below = text(file.strip_prefix(root).unwrap());
    let segments = below.trim_end_matches(".rs").split('/').filter(|segment| !["mod", "lib"].contains(segment));
    let module = [name].into_iter().chain(segments).map(str::to_owned).collect();
    Source { name: text(file.strip_prefix(workspace()).unwrap()), module, text: fs::read_to_string(file).unwrap() }
}
