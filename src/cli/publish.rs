use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;

use super::output;
use crate::publish::{Division, Manifest, Release};

/// Name of the file that names all others.
const MANIFEST: &str = "manifest.json";

/// Lay a model out for a server: in shards, with deltas, and a manifest that names them
///
/// Files get names that change with their content: serve them as immutable, and `manifest.json` as never cached. Published
/// again into the same folder, a model comes with deltas from the versions before. `reshelve/published` of the npm package
/// loads all this: docs/PUBLISHING.md.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The model
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// The folder to write into; it is made if it is not there
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// Items of the first shard, the most popular ones: what every page loads
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    first: u32,
    /// Most items of every other shard; each has one category, or what a category is divided into
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    most: u32,
    /// Print the manifest
    #[arg(long)]
    json: bool,
}

/// What was published.
#[derive(Debug, Serialize)]
struct Published<'a>(&'a Manifest);

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { model, output: folder, first, most, json } = arguments;
    let bytes = fs::read(model).with_context(|| format!("cannot read the model {}", model.display()))?;
    let manifest = folder.join(MANIFEST);
    let previous = read_manifest(&manifest)?;
    let division = Division { first: *first as usize, most: *most as usize };
    let read = |name: &str| fs::read(folder.join(name)).ok();
    let Release { manifest: new, files } =
        Release::new(&bytes, division, previous.as_ref(), read).with_context(|| model.display().to_string())?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for (name, bytes) in &files {
        output::write_whole(&folder.join(name), bytes)?;
    }
    // Last: whoever asks for it finds all that it names.
    output::write_whole(&manifest, new.to_json().as_bytes())?;
    if *json { output::print_json(&new) } else { output::print(Published(&new)) }
}

/// The manifest of what was published before; none in a new folder.
fn read_manifest(path: &Path) -> Result<Option<Manifest>> {
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest: Manifest = serde_json::from_str(&text).with_context(|| {
        format!("{} is no manifest of published models; give another folder, or take it away", path.display())
    })?;
    if manifest.version != Manifest::VERSION {
        bail!(
            "{} has version {}, and this release writes version {}; publish with the release that wrote it, or give another \
             folder",
            path.display(),
            manifest.version,
            Manifest::VERSION
        );
    }
    Ok(Some(manifest))
}

impl fmt::Display for Published<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Manifest { model, items, shards, directory, .. } = self.0;
        writeln!(f, "{:<16} {:>9} {:>10}  {:<24} name", "shard", "items", "bytes", "deltas, bytes")?;
        for shard in shards {
            let deltas: Vec<String> = shard.deltas.iter().map(|delta| delta.file.bytes.to_string()).collect();
            let file = shard.file.file.trim_end_matches(".shelf");
            writeln!(
                f,
                "{file:<16} {:>9} {:>10}  {:<24} {}",
                shard.items,
                shard.file.bytes,
                if deltas.is_empty() { "none".to_owned() } else { deltas.join(", ") },
                shard.name
            )?;
        }
        if let Some(directory) = directory {
            writeln!(f, "{:<16} {:>9} {:>10}", directory.file.trim_end_matches(".directory"), "", directory.bytes)?;
        }
        write!(f, "model {model}: {items} items in {} shards", shards.len())
    }
}
