//! `backfile init`

use std::path::PathBuf;
use std::process::ExitCode;

use backfile::config;

/// Write a backfile.toml in which every setting is explained.
///
/// Nothing is set in it: a setting counts once the `#:` before it is taken away. A file that is there is never written
/// over.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder to write it into.
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let path = config::init(&arguments.folder)?;
    eprintln!("{}: written", path.display());
    Ok(ExitCode::SUCCESS)
}
