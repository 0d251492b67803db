//! Running other programs, quietly: their output is shown when they fail.

use anyhow::{Context, Result, bail};
use std::env;
use std::ffi::OsStr;
use std::io::{Read, pipe};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// The longest that a build step may take.
const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);

/// What a program said, standard output and error in the order of writing, and whether it succeeded.
pub(crate) struct Finished {
    pub(crate) success: bool,
    pub(crate) output: String,
}

/// A command that works in the repository's root.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::workspace::root()).stdin(Stdio::null());
    command
}

/// The cargo that runs us, without the variables that it sets for its children and that would make builds differ.
pub(crate) fn cargo() -> Command {
    let mut cargo = command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Runs to the end, or until `limit`, and captures the output.
pub(crate) fn capture(command: &mut Command, limit: Duration) -> Result<Finished> {
    let program = command.get_program().to_string_lossy().into_owned();
    let (mut reader, writer) = pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("cannot start {program}"))?;
    // The command holds the writing ends of the pipe; while it does, the reader sees no end.
    command.stdout(Stdio::null()).stderr(Stdio::null());

    let output = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&output);
    let reading = thread::spawn(move || {
        let mut piece = [0; 1 << 16];
        while let Ok(length @ 1..) = reader.read(&mut piece) {
            sink.lock().expect("no holder of the lock panics").extend(&piece[..length]);
        }
    });

    let started = Instant::now();
    let mut success = None;
    while success.is_none() && started.elapsed() < limit {
        success = child.try_wait()?.map(|status| status.success());
        thread::sleep(Duration::from_millis(5));
    }
    if success.is_none() {
        child.kill()?;
        child.wait()?;
    }
    // A process left behind by the program may hold the pipe open for ever: do not wait for that one.
    let patience = Instant::now() + Duration::from_secs(2);
    while !reading.is_finished() && Instant::now() < patience {
        thread::sleep(Duration::from_millis(5));
    }
    let bytes = output.lock().expect("no holder of the lock panics");
    let mut output = String::from_utf8_lossy(&bytes).into_owned();
    if success.is_none() {
        output.push_str(&format!("\n{program} was stopped after {} s\n", limit.as_secs()));
    }
    Ok(Finished { success: success.unwrap_or(false), output })
}

/// Runs to the end; a failure becomes an error that carries the whole output.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let finished = capture(command, BUILD_LIMIT)?;
    if !finished.success {
        bail!("failed: {}\n{}", line(command), finished.output);
    }
    Ok(finished.output)
}

/// The command as one would type it, paths below the root shortened.
pub(crate) fn line(command: &Command) -> String {
    let root = format!("{}{}", crate::workspace::root().display(), std::path::MAIN_SEPARATOR);
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy().replace(&root, "")).collect::<Vec<_>>().join(" ")
}
