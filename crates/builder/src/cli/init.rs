//! `backfile init`

use std::path::PathBuf;
use std::process::ExitCode;

use backfile::config;
use backfile::enrich::{Gazetteer, Taxonomy};

/// Write a backfile.toml in which every setting is explained.
///
/// Nothing is set in it: a setting counts once the `#:` before it is taken away. A file that is there is never written
/// over.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder to write it into.
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,

    /// Write the lists as well, to be changed: taxonomy.toml and gazetteer.toml.
    ///
    /// The taxonomy is the one for local news that is used where no other is set; the gazetteer is an example. They
    /// count once backfile.toml names them.
    #[arg(long)]
    lists: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let lists = [
        ("taxonomy.toml", Taxonomy::starter()),
        ("gazetteer.toml", Gazetteer::starter()),
    ];
    let lists = lists.into_iter().filter(|_| arguments.lists);
    for (name, text) in [(config::FILE_NAME, config::TEMPLATE)]
        .into_iter()
        .chain(lists)
    {
        let path = config::write_new(&arguments.folder, name, text)?;
        eprintln!("{}: written", path.display());
    }
    Ok(ExitCode::SUCCESS)
}
