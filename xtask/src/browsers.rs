//! Finding the three browser engines, or getting them.
//!
//! In this order: an environment variable, the system's own browser, the system's package manager where we may use
//! it, Playwright's download. What each step does is said in one line.

use crate::{process, workspace};
use anyhow::{Result, anyhow, bail};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The longest that a download may take.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(5 * 60);

/// A browser engine, and where a machine may have it.
pub(crate) struct Engine {
    /// As Playwright and the tests name it.
    pub(crate) name: &'static str,
    /// Names the executable; also how the tests learn what was found.
    pub(crate) variable: &'static str,
    /// Programs on the path, or absolute paths, any of which will do.
    programs: &'static [&'static str],
    /// Programs that it cannot run without.
    companions: &'static [&'static str],
    /// Debian packages that bring all of it.
    packages: &'static [&'static str],
}

/// Every engine that the tests run in. WebKit is driven through WebKitGTK's WebDriver, under a virtual display.
pub(crate) const ENGINES: [Engine; 3] = [
    Engine {
        name: "chromium",
        variable: "RESHELVE_CHROMIUM",
        programs: &[
            "chromium",
            "chromium-browser",
            "google-chrome",
            "google-chrome-stable",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        ],
        companions: &[],
        packages: &["chromium", "fonts-liberation"],
    },
    Engine {
        name: "firefox",
        variable: "RESHELVE_FIREFOX",
        programs: &["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"],
        companions: &[],
        packages: &["firefox-esr", "fonts-liberation"],
    },
    Engine {
        name: "webkit",
        variable: "RESHELVE_WEBKIT",
        programs: &["WebKitWebDriver"],
        companions: &["xvfb-run", "xauth"],
        packages: &["webkit2gtk-driver", "xvfb", "xauth", "fonts-liberation"],
    },
];

impl Engine {
    /// The executable of this engine, installed if need be.
    ///
    /// # Errors
    /// When the variable names no file, and when every way to get the engine failed: the error says each one's reason.
    pub(crate) fn obtain(&self) -> Result<PathBuf> {
        if let Some(named) = env::var_os(self.variable).filter(|named| !named.is_empty()) {
            let named = PathBuf::from(named);
            if !named.is_file() {
                bail!("{}={} is no file; correct or unset it", self.variable, named.display());
            }
            return Ok(named);
        }
        if let Some(found) = self.on_system() {
            return Ok(found);
        }
        let by_packages = self.install_packages();
        if let (Ok(()), Some(found)) = (&by_packages, self.on_system()) {
            return Ok(found);
        }
        self.download().map_err(|by_download| {
            let by_packages = by_packages.err().map_or("brought no such program".into(), |error| format!("{error:#}"));
            anyhow!("not on the path; apt-get: {by_packages}; Playwright: {by_download:#}; or set {}", self.variable)
        })
    }

    fn on_system(&self) -> Option<PathBuf> {
        self.companions.iter().try_for_each(|program| find(program).map(drop))?;
        self.programs.iter().find_map(|program| find(program))
    }

    fn install_packages(&self) -> Result<()> {
        println!("installing {} with apt-get: {}", self.name, self.packages.join(" "));
        // Old lists name old browsers, which the drivers do not know. Without new ones the old have to do.
        process::capture(apt_get()?.arg("update"), DOWNLOAD_LIMIT)?;
        let mut install = apt_get()?;
        install.args(["install", "--yes", "--no-install-recommends"]).args(self.packages);
        let finished = process::capture(&mut install, DOWNLOAD_LIMIT)?;
        if !finished.success {
            bail!("{}", complaint(&finished.output));
        }
        Ok(())
    }

    fn download(&self) -> Result<PathBuf> {
        println!("downloading {} with Playwright", self.name);
        let mut install = process::command("node");
        install.arg(workspace::path("node_modules/playwright-core/cli.js")).args(["install", self.name]);
        let finished = process::capture(&mut install, DOWNLOAD_LIMIT)?;
        if !finished.success {
            bail!("{}", complaint(&finished.output));
        }
        let script = format!("console.log(require('playwright-core').{}.executablePath())", self.name);
        let path = process::run(process::command("node").args(["--eval", &script]))?;
        Ok(PathBuf::from(path.trim()))
    }
}

/// apt-get with the right to install: as root, or through sudo where it asks for no password.
fn apt_get() -> Result<Command> {
    let apt_get = find("apt-get").ok_or_else(|| anyhow!("not on this system"))?;
    let mut command = process::command(&apt_get);
    if !is_root() {
        let may = process::capture(process::command("sudo").args(["-n", "true"]), DOWNLOAD_LIMIT);
        if !may.is_ok_and(|finished| finished.success) {
            bail!("needs root, or sudo without a password");
        }
        command = process::command("sudo");
        command.arg("-n").arg(&apt_get);
    }
    command.env("DEBIAN_FRONTEND", "noninteractive");
    Ok(command)
}

fn is_root() -> bool {
    process::run(process::command("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Finds a program on the path, or takes an absolute path as it is.
fn find(program: &str) -> Option<PathBuf> {
    if Path::new(program).is_absolute() {
        return Some(PathBuf::from(program)).filter(|file| file.is_file());
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .flat_map(|folder| [folder.join(program), folder.join(format!("{program}.exe"))])
        .find(|file| file.is_file())
}

/// The line of a failed program's output that says most: the first that speaks of an error, or else the last.
fn complaint(output: &str) -> &str {
    let lines = || output.lines().map(str::trim).filter(|line| !line.is_empty());
    let speaks = |line: &&str| line.starts_with("E: ") || line.contains("rror:");
    lines().find(speaks).or_else(|| lines().next_back()).unwrap_or("no output")
}
