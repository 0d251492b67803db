//! The `reshelve` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    reshelve::cli::main()
}
