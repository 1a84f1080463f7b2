//! Sets `cfg(split)` when `cargo leptos --split` builds the browser's program: only that build asks the linker for
//! relocations. Without the flag the program is one file.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    println!("cargo:rustc-check-cfg=cfg(split)");
    let is_wasm = std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32");
    let flags = std::env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    if is_wasm && flags.split('\x1f').any(|flag| flag.ends_with("--emit-relocs")) {
        println!("cargo:rustc-cfg=split");
    }
}
