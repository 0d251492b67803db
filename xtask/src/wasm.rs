//! From Rust to the WebAssembly and the JavaScript glue that the package ships.

use crate::toolchain::WASM_TARGET;
use crate::workspace::{self, Fingerprint, Stamp};
use crate::{panics, process};
use anyhow::{Context, Result, anyhow};
use std::fs;
use std::path::{Path, PathBuf};
use walrus::Module;
use wasm_bindgen_cli_support::Bindgen;

/// Native rooms of the crate: they are no part of the WebAssembly, so they do not change its build id.
const NATIVE_SOURCES: [&str; 4] = ["src/main.rs", "src/cli", "src/eval", "src/train"];

/// Which instructions a binary may use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// With `simd128`: what the package ships.
    Simd128,
    /// Without: the slow twin, which the golden tests hold equal.
    Scalar,
}

/// One built module.
pub(crate) struct Built {
    /// The WebAssembly, optimized and stripped of names.
    pub(crate) wasm: PathBuf,
    /// Its glue: an ES module for any runtime, which names no `.wasm` file.
    pub(crate) glue: PathBuf,
}

/// Names what the WebAssembly and its glue were made from: 16 hexadecimal digits, the same on every machine.
pub(crate) fn build_id() -> Result<String> {
    let native: Vec<PathBuf> = NATIVE_SOURCES.iter().map(|source| workspace::path(source)).collect();
    let mut fingerprint = Fingerprint::default();
    for source in workspace::files(&workspace::path("src"))? {
        if !native.iter().any(|native| source.starts_with(native)) {
            fingerprint = fingerprint.path(&source)?;
        }
    }
    for manifest in ["Cargo.toml", "Cargo.lock"] {
        fingerprint = fingerprint.path(&workspace::path(manifest))?;
    }
    Ok(fingerprint.digits())
}

/// Compiles the runtime, generates its bindings and optimizes it.
///
/// The build id reaches the Rust code as the environment variable `RESHELVE_BUILD_ID` at compile time.
pub(crate) fn build(variant: Variant, build_id: &str) -> Result<Built> {
    let name = match variant {
        Variant::Simd128 => "simd128",
        Variant::Scalar => "scalar",
    };
    let folder = workspace::path("target/wasm").join(name);
    let built = Built { wasm: folder.join("reshelve.wasm"), glue: folder.join("reshelve.js") };

    let compiled = compile(variant, build_id)?;
    let inputs = Fingerprint::default()
        .bytes(&fs::read(&compiled).with_context(|| format!("cannot read {}", compiled.display()))?)
        .path(&workspace::path("xtask/src/wasm.rs"))?
        .path(&workspace::path("xtask/src/panics.rs"))?
        .path(&workspace::path("package-lock.json"))?;
    let stamp = Stamp::new(&format!("wasm-{name}"), inputs);
    if !stamp.is_fresh(&built.wasm) {
        fs::create_dir_all(&folder)?;
        bind(&compiled, &built)?;
        optimize(&built.wasm)?;
        stamp.write()?;
    }
    Ok(built)
}

/// Runs rustc. Its folder is its own, so that it waits for no native build and throws none away.
fn compile(variant: Variant, build_id: &str) -> Result<PathBuf> {
    let (folder, features) = match variant {
        Variant::Simd128 => ("target/wasm-build/simd128", "+simd128"),
        Variant::Scalar => ("target/wasm-build/scalar", "-simd128"),
    };
    let flags = format!("target.{WASM_TARGET}.rustflags=['-Ctarget-feature={features}']");
    process::run(
        process::cargo()
            .args(["rustc", "--quiet", "--package", "reshelve", "--lib", "--crate-type", "cdylib"])
            .args(["--profile", "wasm", "--no-default-features", "--target", WASM_TARGET])
            .args(["--config", &flags, "--target-dir", folder])
            .env("RESHELVE_BUILD_ID", build_id)
            .env_remove("RUSTFLAGS"),
    )?;
    Ok(workspace::path(folder).join(WASM_TARGET).join("wasm/reshelve.wasm"))
}

/// Writes glue and module. The glue neither names nor starts the module: `pkg-template/lib/wasm.js` does, with what each
/// entry of the package says.
fn bind(compiled: &Path, built: &Built) -> Result<()> {
    let mut module = Module::from_file(compiled)?;
    panics::silence(&mut module);
    let mut bindgen = Bindgen::new();
    bindgen.input_module("reshelve", module).typescript(false).remove_producers_section(true);
    bindgen.bundler(true).map_err(|error| anyhow!("{error:#}"))?;
    let folder = built.wasm.with_extension("bindings");
    bindgen.generate(&folder).map_err(|error| anyhow!("wasm-bindgen: {error:#}"))?;
    fs::rename(folder.join("reshelve_bg.js"), &built.glue)?;
    fs::rename(folder.join("reshelve_bg.wasm"), &built.wasm)?;
    Ok(())
}

/// Shrinks the module in place, and takes out what only builds read: names, producers, the list of features.
fn optimize(wasm: &Path) -> Result<()> {
    let optimized = wasm.with_extension("opt.wasm");
    process::run(
        process::command("node")
            .arg(workspace::path("node_modules/binaryen/bin/wasm-opt"))
            .args(["-O3", "--strip-debug", "--strip-producers", "--strip-target-features"])
            .arg(wasm)
            .arg("-o")
            .arg(&optimized),
    )?;
    fs::rename(&optimized, wasm)?;
    Ok(())
}
