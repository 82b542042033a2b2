//! The `backfile` command: parse, run one subcommand, say what went wrong.
//!
//! Results go to standard output and everything else to standard error, so that `backfile search … --json | jq` works.
//! Exit code 0: done. 1: it could not be done, or `verify` found damage. 2: the command line was not understood.

#![deny(unsafe_code)]

mod allocator;
mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::run(cli::Arguments::parse()) {
        Ok(code) => code,
        // Whoever read our output has seen enough: `backfile search … | head`.
        Err(error) if cli::failure::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprint!("{}", cli::failure::explain(&error));
            ExitCode::FAILURE
        }
    }
}
