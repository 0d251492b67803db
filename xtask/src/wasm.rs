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

/// What LLVM does for speed, at the cost of size, where `opt-level = "s"` lets it: inlining what is called from several
/// places, more induction variables, loop conditions and loads in two places. None of it makes reranking faster, but for
/// what code asks to be inlined: without most of that, the first argument, it takes 1.5 % more instructions, for .6 kB less
/// of brotli. What is said to be cold it takes out of the way.
const LLVM_ARGUMENTS: [&str; 7] = [
    "-inlinehint-threshold=30",
    "-inline-threshold=5",
    "-disable-lsr",
    "-rotation-max-header-size=0",
    "-enable-pre=0",
    "-enable-load-pre=0",
    "-hot-cold-split",
];

/// A binary of the crate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    /// The runtime, with `simd128`: what every page loads.
    Runtime,
    /// What of it orders lists, and nothing else.
    Slim,
    /// The same without: the slow twin, which the golden tests hold equal.
    Scalar,
    /// The compiler of rules.
    Rules,
    /// What puts published models together.
    Parts,
}

impl Binary {
    /// The name of its folders.
    fn folder(self) -> &'static str {
        match self {
            Binary::Runtime => "simd128",
            Binary::Slim => "slim",
            Binary::Scalar => "scalar",
            Binary::Rules => "rules",
            Binary::Parts => "parts",
        }
    }

    /// The name of its files, and of the module that its imports come from.
    fn module(self) -> &'static str {
        match self {
            Binary::Runtime | Binary::Slim | Binary::Scalar => "reshelve",
            Binary::Rules => "rules",
            Binary::Parts => "parts",
        }
    }

    /// The libraries of Rust that are built with what shoppers load, for size and without the words of panics.
    fn own_libraries(self) -> Option<&'static str> {
        match self {
            Binary::Runtime | Binary::Slim | Binary::Scalar => Some("core,alloc"),
            Binary::Parts => Some("std,panic_abort"),
            Binary::Rules => None,
        }
    }

    fn instructions(self) -> &'static str {
        if self == Binary::Scalar { "-simd128" } else { "+simd128" }
    }

    /// The crate's features.
    fn features(self) -> &'static str {
        match self {
            Binary::Runtime | Binary::Scalar => "full",
            Binary::Slim => "",
            Binary::Rules => "rules",
            Binary::Parts => "publish",
        }
    }
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

/// Compiles a binary, generates its bindings and optimizes it.
///
/// The build id reaches the Rust code as the environment variable `RESHELVE_BUILD_ID` at compile time.
pub(crate) fn build(binary: Binary, build_id: &str) -> Result<Built> {
    let (name, module) = (binary.folder(), binary.module());
    let folder = workspace::path("target/wasm").join(name);
    let built =
        Built { wasm: folder.join(module).with_extension("wasm"), glue: folder.join(module).with_extension("js") };

    let compiled = compile(binary, build_id)?;
    let inputs = Fingerprint::default()
        .bytes(&fs::read(&compiled).with_context(|| format!("cannot read {}", compiled.display()))?)
        .path(&workspace::path("xtask/src/wasm.rs"))?
        .path(&workspace::path("xtask/src/panics.rs"))?
        .path(&workspace::path("package-lock.json"))?;
    let stamp = Stamp::new(&format!("wasm-{name}"), inputs);
    if !stamp.is_fresh(&built.wasm) {
        fs::create_dir_all(&folder)?;
        bind(&compiled, binary, &built)?;
        optimize(&built.wasm)?;
        stamp.write()?;
    }
    Ok(built)
}

/// Runs rustc. Its folder is its own, so that it waits for no native build and throws none away.
fn compile(binary: Binary, build_id: &str) -> Result<PathBuf> {
    let folder = Path::new("target/wasm-build").join(binary.folder());
    let mut cargo = process::cargo();
    cargo
        .args(["rustc", "--quiet", "--package", "reshelve", "--lib", "--crate-type", "cdylib"])
        .args(["--profile", "wasm", "--no-default-features", "--target", WASM_TARGET])
        .args(["--features", binary.features(), "--target-dir"])
        .arg(&folder)
        .env("RESHELVE_BUILD_ID", build_id)
        .env_remove("RUSTFLAGS");
    let mut flags = vec![format!("-Ctarget-feature={}", binary.instructions())];
    if let Some(libraries) = binary.own_libraries() {
        // Building them is not stable yet; the compiler that does it is.
        cargo.arg(format!("-Zbuild-std={libraries}")).arg("-Zbuild-std-features=optimize_for_size");
        cargo.env("RUSTC_BOOTSTRAP", "1");
        flags.extend(["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none"].map(String::from));
        // A quarter of the usual megabyte: nothing calls itself, and a page keeps what a module begins with.
        flags.push("-Clink-arg=-zstack-size=262144".to_owned());
    }
    cargo.arg("--config").arg(format!("target.{WASM_TARGET}.rustflags={flags:?}"));
    process::run(cargo.arg("--").arg(format!("-Cllvm-args={}", LLVM_ARGUMENTS.join(" "))))?;
    Ok(workspace::root().join(folder).join(WASM_TARGET).join("wasm/reshelve.wasm"))
}

/// Writes glue and module. The glue neither names nor starts the module: `pkg-template/lib/instance.js` does, with what each
/// entry of the package says.
fn bind(compiled: &Path, binary: Binary, built: &Built) -> Result<()> {
    let name = binary.module();
    let mut module = Module::from_file(compiled)?;
    if binary.own_libraries().is_some() {
        panics::silence(&mut module);
    }
    let mut bindgen = Bindgen::new();
    bindgen.input_module(name, module).typescript(false).remove_producers_section(true);
    bindgen.bundler(true).map_err(|error| anyhow!("{error:#}"))?;
    let folder = built.wasm.with_extension("bindings");
    bindgen.generate(&folder).map_err(|error| anyhow!("wasm-bindgen: {error:#}"))?;
    fs::rename(folder.join(format!("{name}_bg.js")), &built.glue)?;
    fs::rename(folder.join(format!("{name}_bg.wasm")), &built.wasm)?;
    Ok(())
}

/// Shrinks the module in place, and takes out what only builds read: names, producers, the list of features.
fn optimize(wasm: &Path) -> Result<()> {
    let optimized = wasm.with_extension("opt.wasm");
    process::run(
        process::command("node")
            .arg(workspace::path("node_modules/binaryen/bin/wasm-opt"))
            // The stack is first in memory: no pointer of ours is below 1024.
            .args(["-O3", "--low-memory-unused", "--strip-debug", "--strip-producers", "--strip-target-features"])
            .arg(wasm)
            .arg("-o")
            .arg(&optimized),
    )?;
    fs::rename(&optimized, wasm)?;
    Ok(())
}
