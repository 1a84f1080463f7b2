//! Faults between the program and the system: `shim.c`, compiled with the C compiler that SQLite needs anyway.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The library for `LD_PRELOAD`.
pub(crate) fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/messenger/torture/shim.c");
        let library = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("shim-{}.so", std::process::id()));
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .arg(&library)
            .args([source, "-ldl"])
            .status();
        assert!(compiled.unwrap().success(), "cc compiles {source}");
        library
    })
}
