//! The npm package: template, glue, WebAssembly and build id in one folder, and the tarball made from it.

use crate::wasm::{self, Binary};
use crate::workspace::{self, Fingerprint, Stamp};
use crate::{meter, npm, process, toolchain};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// What is at the package's top as at the repository's, beside `docs`: what the README links to is in the package.
const DOCUMENTS: [&str; 5] = ["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// The package as built.
pub(crate) struct Package {
    /// The assembled folder.
    pub(crate) folder: PathBuf,
    /// What `npm pack` made of it; also installed as `node_modules/reshelve`.
    pub(crate) tarball: PathBuf,
    /// The module built without `simd128`, for the golden tests.
    pub(crate) scalar_wasm: PathBuf,
}

/// Builds the package, as far as it is out of date, and installs the tarball into `node_modules`.
pub(crate) fn build() -> Result<Package> {
    toolchain::ensure_wasm_target()?;
    npm::ensure_packages()?;
    build_prepared()
}

/// As [`build`], with the tools known to be there.
pub(crate) fn build_prepared() -> Result<Package> {
    let version = env!("CARGO_PKG_VERSION");
    let package = Package {
        folder: workspace::path("target/package/reshelve"),
        tarball: workspace::path("target/package").join(format!("reshelve-{version}.tgz")),
        scalar_wasm: workspace::path("target/package/scalar.wasm"),
    };
    let build_id = wasm::build_id()?;
    let modules = [Binary::Runtime, Binary::Rules, Binary::Parts].map(|binary| wasm::build(binary, &build_id));
    let modules = modules.into_iter().collect::<Result<Vec<_>>>()?;
    let scalar = wasm::build(Binary::Scalar, &build_id)?;
    workspace::copy(&scalar.wasm, &package.scalar_wasm)?;
    let slim = wasm::build(Binary::Slim, &build_id)?;

    let mut inputs = Fingerprint::default().bytes(version.as_bytes()).bytes(build_id.as_bytes());
    for built in &modules {
        inputs = inputs.path(&built.wasm)?.path(&built.glue)?;
    }
    let inputs = inputs
        .path(&slim.wasm)?
        .path(&workspace::path("pkg-template"))?
        .path(&workspace::path("xtask/src/package.rs"))?
        .path(&workspace::path("package-lock.json"))?;
    let inputs = DOCUMENTS.iter().try_fold(inputs, |inputs, document| inputs.path(&workspace::path(document)))?;
    let inputs = inputs.path(&workspace::path("docs"))?;
    let stamp = Stamp::new("package", inputs);
    let installed = workspace::path("node_modules/reshelve");
    if !stamp.is_fresh(&package.tarball) || !installed.exists() {
        println!("packing {}", package.tarball.file_name().unwrap_or_default().to_string_lossy());
        assemble(&package.folder, &modules, &slim, version, &build_id)?;
        process::run(npm::npm().args(["pack", "--pack-destination", "target/package"]).arg(&package.folder))?;
        install(&package.tarball, &installed)?;
        stamp.write()?;
    }
    Ok(package)
}

/// Lays the package's folder out: the template, and `wasm/` with what was generated.
fn assemble(folder: &Path, modules: &[wasm::Built], slim: &wasm::Built, version: &str, build_id: &str) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    workspace::copy_folder(&workspace::path("pkg-template"), folder)?;
    for file in modules.iter().flat_map(|built| [&built.wasm, &built.glue]) {
        workspace::copy(file, &folder.join("wasm").join(file.file_name().expect("modules are files")))?;
    }
    // It has the runtime's functions, so that it runs with the runtime's glue.
    workspace::copy(&slim.wasm, &folder.join("wasm/slim.wasm"))?;
    let constants = format!(
        "/** Names the sources that the WebAssembly and its glue were built from. */\n\
         export const BUILD_ID = \"{build_id}\";\n\
         /** Release of the package. */\n\
         export const VERSION = \"{version}\";\n"
    );
    fs::write(folder.join("wasm/build-id.js"), constants)?;
    vendor_idb(&folder.join("lib"))?;
    bundle_core(folder)?;
    minify(folder)?;
    for document in DOCUMENTS {
        workspace::copy(&workspace::path(document), &folder.join(document))?;
    }
    workspace::copy_folder(&workspace::path("docs"), &folder.join("docs"))?;
    // What lies in the template lies at the package's top.
    let guide = folder.join("docs/PACKAGE.md");
    fs::write(&guide, fs::read_to_string(&guide)?.replace("](../pkg-template/", "](../"))?;
    process::run(npm::npm().args(["pkg", "set", &format!("version={version}")]).current_dir(folder))?;
    Ok(())
}

/// Puts what `reshelve/shopper` uses of the `idb` package into one module, with its license beside it: so the package
/// has no dependency, and its modules run in a browser as they are.
fn vendor_idb(lib: &Path) -> Result<()> {
    let entry = workspace::path("target/package/idb-entry.mjs");
    fs::write(&entry, "export { deleteDB, openDB } from \"idb\";\n")?;
    process::run(
        process::command("node_modules/.bin/esbuild")
            .arg(&entry)
            .args(["--bundle", "--format=esm", "--log-level=warning"])
            .arg(format!("--outfile={}", lib.join("idb.js").display())),
    )?;
    workspace::copy(&workspace::path("node_modules/idb/LICENSE"), &lib.join("idb.LICENSE"))
}

/// Makes one module of what the entries with a model share: fewer to load, and smaller. What other entries have in
/// common with it stays apart, so that there is one of each.
fn bundle_core(folder: &Path) -> Result<()> {
    let lib = folder.join("lib");
    let mut esbuild = process::command("node_modules/.bin/esbuild");
    esbuild.args(["--bundle", "--format=esm", "--log-level=warning"]);
    for apart in ["lib/download.js", "lib/error.js", "lib/instance.js", "lib/source.js", "wasm/*"] {
        esbuild.arg(format!("--external:{}", folder.join(apart).display()));
    }
    process::run(esbuild.arg(lib.join("core/index.js")).arg(format!("--outfile={}", lib.join("core.js").display())))?;
    fs::remove_dir_all(lib.join("core"))?;
    Ok(())
}

/// Takes comments and long names out of the package's modules, in place: not every page has a bundler that would.
fn minify(folder: &Path) -> Result<()> {
    let modules: Vec<PathBuf> =
        workspace::files(folder)?.into_iter().filter(|file| file.extension() == Some("js".as_ref())).collect();
    process::run(
        process::command("node_modules/.bin/esbuild")
            .args(["--minify", "--format=esm", "--allow-overwrite", "--log-level=warning"])
            .arg(format!("--outdir={}", folder.display()))
            .arg(format!("--outbase={}", folder.display()))
            .args(modules),
    )?;
    Ok(())
}

/// Unpacks the tarball where the demo store and the tests import `reshelve` from, as npm would. `npm install` would
/// take longer and write the tarball into the lock file.
fn install(tarball: &Path, target: &Path) -> Result<()> {
    if target.exists() {
        fs::remove_dir_all(target)?;
    }
    fs::create_dir_all(target)?;
    process::run(process::command("tar").arg("-xzf").arg(tarball).arg("--strip-components=1").arg("-C").arg(target))
        .context("cannot unpack the tarball")?;
    Ok(())
}

impl Package {
    /// The module that pages get, made to count its instructions.
    pub(crate) fn counted_wasm(&self) -> Result<PathBuf> {
        let counted = workspace::path("target/package/counted.wasm");
        meter::meter(&self.folder.join("wasm/reshelve.wasm"), &counted)?;
        Ok(counted)
    }

    /// Prints what a page downloads: raw, gzip and brotli bytes.
    pub(crate) fn print_sizes(&self) -> Result<()> {
        print!("{}", process::run(npm::node("tests/harness/sizes.mjs").arg(&self.folder))?);
        println!("{}", self.tarball.display());
        Ok(())
    }
}
