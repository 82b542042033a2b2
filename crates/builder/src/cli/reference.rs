//! Keeps `CLI.md` what the program says about itself.
//!
//! `BACKFILE_WRITE_CLI=1 cargo test -p backfile reference` writes it anew.

use std::fmt::Write;
use std::path::Path;

use clap::CommandFactory;

fn reference() -> String {
    let mut command = super::Arguments::command().term_width(100);
    command.build();
    let mut text = String::from(
        "# The command line\n\nMade from the program's own help (`backfile --help`) by a test, \
         `crates/builder/src/cli/reference.rs`.\n",
    );
    section(&mut text, &mut command.clone());
    for subcommand in command
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
    {
        section(&mut text, &mut subcommand.clone());
    }
    text
}

fn section(text: &mut String, command: &mut clap::Command) {
    let name = command.get_bin_name().unwrap_or("backfile").to_owned();
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    let _ = write!(
        text,
        "\n## `{name}`\n\n```text\n{}\n```\n",
        lines.join("\n")
    );
}

#[test]
fn the_reference_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("CLI.md");
    let wanted = reference();
    if std::env::var_os("BACKFILE_WRITE_CLI").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "CLI.md is out of date: BACKFILE_WRITE_CLI=1 cargo test -p backfile reference"
    );
}

#[test]
fn the_short_help_fits_a_screen() {
    let mut command = super::Arguments::command().term_width(80);
    command.build();
    for subcommand in command.get_subcommands() {
        let lines = subcommand.clone().render_help().to_string().lines().count();
        assert!(
            lines <= 24,
            "{} -h has {lines} lines",
            subcommand.get_name()
        );
    }
}
