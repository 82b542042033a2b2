//! `backfile search`

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use backfile::archive::{Archive, Piece, Response, SearchOptions, SearchResult};
use backfile::publish;

use super::figures::count;

/// Search an archive from the shell, as the browser does.
///
/// Finds the documents that contain every term of the query, each as it stands there. A space separates terms, and
/// quotation marks keep one together. Traditional and simplified characters, upper and lower case, full and half
/// width, line breaks and spaces inside Chinese text make no difference.
///
/// The order is the browser's: the most relevant first.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  backfile search site/ 百姓戏台
  backfile search site/ '柳湾村 \"百姓 戏台\"' --limit 50
  backfile search site/ 2024 --json | jq -r '.results[].id'")]
pub(crate) struct Arguments {
    /// The site, or its backfile/ folder.
    #[arg(value_name = "DIR")]
    archive: PathBuf,

    /// What to look for.
    query: String,

    /// Show at most so many results.
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,

    /// Leave out so many results at the beginning.
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,

    /// Take the last word for the beginning of one, as while typing.
    #[arg(long)]
    prefix: bool,

    /// Print the answer as one JSON object, the same that the browser module gives.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut archive = Archive::open(&publish::archive_folder(&arguments.archive)?)?;
    let options = SearchOptions {
        limit: arguments.limit,
        offset: arguments.offset,
        prefix: arguments.prefix,
    };
    let response = archive.search(&arguments.query, options)?;
    let mut out = io::stdout().lock();
    if arguments.json {
        serde_json::to_writer(&mut out, &response)?;
        writeln!(out)?;
    } else {
        let marks = if out.is_terminal() {
            Marks::BOLD
        } else {
            Marks::PLAIN
        };
        show(&response, arguments.offset, &marks, &mut out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is put around a hit.
struct Marks {
    before: &'static str,
    after: &'static str,
}

impl Marks {
    const BOLD: Marks = Marks {
        before: "\x1b[1m",
        after: "\x1b[0m",
    };
    const PLAIN: Marks = Marks {
        before: "«",
        after: "»",
    };
}

fn show(response: &Response, offset: usize, marks: &Marks, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", headline(response, offset))?;
    for result in &response.results {
        writeln!(out, "\n{}", heading(result))?;
        writeln!(out, "  {}", excerpt(&result.excerpt, marks))?;
    }
    Ok(())
}

/// `123 results, 11 to 20`
fn headline(response: &Response, offset: usize) -> String {
    let total = count(response.total);
    let noun = if response.total == 1 {
        "result"
    } else {
        "results"
    };
    let shown = response.results.len();
    if shown == 0 || shown == response.total as usize {
        return format!("{total} {noun}");
    }
    format!("{total} {noun}, {} to {}", offset + 1, offset + shown)
}

/// Date, title and id, as far as there are any.
fn heading(result: &SearchResult) -> String {
    let id = format!("[{}]", result.id);
    let parts = [result.date.as_deref().unwrap_or(""), &result.title, &id];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("  ")
}

/// One line: the breaks of a newspaper column say nothing here.
fn excerpt(pieces: &[Piece], marks: &Marks) -> String {
    let mut line = String::new();
    for piece in pieces {
        let text = piece.text.split(['\n', '\r']).collect::<Vec<_>>().concat();
        if piece.hit {
            line.extend([marks.before, &text, marks.after]);
        } else {
            line.push_str(&text);
        }
    }
    line.trim().to_owned()
}
