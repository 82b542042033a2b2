//! `backfile inspect`

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use backfile::archive::Archive;
use backfile::publish;

/// Look inside an archive.
///
/// Without a gram: what the archive consists of. With one: where in the index it is and how often it occurs.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  backfile inspect site/
  backfile inspect site/ 戏台")]
pub(crate) struct Arguments {
    /// The site, or its backfile/ folder.
    #[arg(value_name = "DIR")]
    archive: PathBuf,

    /// Two Chinese characters, one, a word of letters or digits, what very many words begin with (con*), or a word and its
    /// neighbour, with a mark that points to the word (5‹月, .›map).
    gram: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let archive = Archive::open(&publish::archive_folder(&arguments.archive)?)?;
    let inspection = archive.inspect(arguments.gram.as_deref())?;
    write!(io::stdout(), "{inspection}")?;
    Ok(ExitCode::SUCCESS)
}
