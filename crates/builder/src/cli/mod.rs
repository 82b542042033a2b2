//! The command line: one module a subcommand, each with its arguments and what it does with them.
//!
//! Help texts are the doc comments of the arguments. The first paragraph is for `-h`, which fits a screen; the rest is
//! for `--help`, which teaches. `CLI.md` is made from the same definitions; [`reference`] compares the two.

mod bar;
mod build;
pub(crate) mod failure;
mod figures;
mod init;
mod inspect;
#[cfg(test)]
mod reference;
mod search;
mod serve;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Search for newspaper archives on static pages.
///
/// `backfile build` makes a folder from pages of text. Put that folder on any web server: the search runs in the
/// reader's browser, and no query ever leaves it. What is found is exactly what the browser's own search (Ctrl-F)
/// would find, on all pages at once.
#[derive(Debug, Parser)]
#[command(
    name = "backfile",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Arguments),
    Build(build::Arguments),
    Search(search::Arguments),
    Inspect(inspect::Arguments),
    Serve(serve::Arguments),
    Verify(verify::Arguments),
}

/// Does what the arguments say.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Init(arguments) => init::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Search(arguments) => search::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definitions_are_consistent() {
        super::Arguments::command().debug_assert();
    }
}
