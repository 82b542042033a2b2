//! `backfile verify`

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use backfile::archive::Archive;
use backfile::publish;

/// Check every byte of an archive.
///
/// Prints one line for each thing that is wrong and ends with exit code 1 if there is any. Use it after an upload came
/// back, a disk was copied or a build was interrupted.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  backfile verify site/
  backfile verify /media/usb/backfile && echo fit to be given away")]
pub(crate) struct Arguments {
    /// The site, or its backfile/ folder.
    #[arg(value_name = "DIR")]
    archive: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let archive = Archive::open(&publish::archive_folder(&arguments.archive)?)?;
    let problems = archive.verify();
    let mut out = io::stdout().lock();
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    if problems.is_empty() {
        eprintln!("{}: nothing wrong", arguments.archive.display());
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("hint: build the archive again, or copy it again from where it is whole");
    Ok(ExitCode::FAILURE)
}
