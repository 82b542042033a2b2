//! `backfile search`

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use backfile::archive::{
    Archive, DateRange, FacetCount, Filter, Order, Piece, Response, SearchOptions, SearchResult,
};
use backfile::publish;

use super::figures::count;

/// Search an archive from the shell, as the browser does.
///
/// Finds the documents that contain every term of the query, each as it stands there. A space separates terms, and
/// quotation marks keep one together. Traditional and simplified characters, upper and lower case, full and half
/// width, line breaks and spaces inside Chinese text make no difference.
///
/// Results can be narrowed to dates and to values of metadata fields, such as the section or the reporter. Several
/// values of one field are alternatives; different fields have to agree. Of a hierarchy (`district ▸ town`) a value
/// stands for all below it.
///
/// The order is the browser's: the most relevant first; without a query, and where an archive of more than 65,536
/// documents has too many matches to rank, the newest first.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  backfile search site/ 百姓戏台
  backfile search site/ '柳湾村 \"百姓 戏台\"' --limit 50
  backfile search site/ 春耕 --filter section=要闻 --from 2024-03 --to 2024-05
  backfile search site/ --filter date=2024 --facets section,reporter --limit 0
  backfile search site/ 2024 --json | jq -r '.results[].id'")]
pub(crate) struct Arguments {
    /// The site, or its backfile/ folder.
    #[arg(value_name = "DIR")]
    archive: PathBuf,

    /// What to look for.
    ///
    /// May be left out if the results are narrowed by filters or dates.
    #[arg(default_value = "", hide_default_value = true, required_unless_present_any = ["filters", "from", "to"])]
    query: String,

    /// Only documents with this value in this field (repeatable).
    #[arg(long = "filter", value_name = "FIELD=VALUE", value_parser = field_and_value)]
    filters: Vec<(String, String)>,

    /// Only documents of this date or later: a year, a month (2024-01) or a day.
    #[arg(long, value_name = "DATE")]
    from: Option<String>,

    /// Only documents of this date or earlier; of a year or month, all of it.
    #[arg(long, value_name = "DATE")]
    to: Option<String>,

    /// Count the values of these fields among all results (a,b).
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    facets: Vec<String>,

    /// Show at most so many values of each field, the most frequent first.
    #[arg(long, value_name = "N", default_value_t = 50, hide_short_help = true)]
    facet_limit: usize,

    /// Show at most so many results.
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,

    /// Leave out so many results at the beginning.
    #[arg(long, value_name = "N", default_value_t = 0, hide_short_help = true)]
    offset: usize,

    /// Which results come first.
    #[arg(long, value_name = "ORDER", value_enum, default_value_t = OrderArgument::Relevance, hide_short_help = true)]
    order: OrderArgument,

    /// Take the last word for the beginning of one, as while typing.
    #[arg(long)]
    prefix: bool,

    /// Print the answer as one JSON object, the same that the browser module gives.
    #[arg(long)]
    json: bool,
}

/// [`Order`] as an option.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum OrderArgument {
    /// The best; the newest where there are too many to rank
    Relevance,
    /// The end of the archive
    Newest,
    /// The beginning of the archive
    Oldest,
}

impl From<OrderArgument> for Order {
    fn from(argument: OrderArgument) -> Self {
        match argument {
            OrderArgument::Relevance => Self::Relevance,
            OrderArgument::Newest => Self::Newest,
            OrderArgument::Oldest => Self::Oldest,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut archive = Archive::open(&publish::archive_folder(&arguments.archive)?)?;
    check_fields(&archive, arguments)?;
    let options = SearchOptions {
        limit: arguments.limit,
        offset: arguments.offset,
        prefix: arguments.prefix,
        filters: filters(&arguments.filters),
        dates: DateRange {
            from: arguments.from.clone(),
            to: arguments.to.clone(),
        },
        facets: arguments.facets.clone(),
        facet_limit: arguments.facet_limit,
        order: arguments.order.into(),
        first_page: false,
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

/// `section=要闻`
fn field_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, value)) if !field.is_empty() && !value.is_empty() => {
            Ok((field.to_owned(), value.to_owned()))
        }
        _ => Err("write it as section=要闻".into()),
    }
}

/// The values of a field together, fields in the order in which they were first named.
fn filters(pairs: &[(String, String)]) -> Vec<Filter> {
    let mut filters: Vec<Filter> = Vec::new();
    for (field, value) in pairs {
        match filters.iter_mut().find(|filter| filter.field == *field) {
            Some(filter) => filter.values.push(value.clone()),
            None => filters.push(Filter {
                field: field.clone(),
                values: vec![value.clone()],
            }),
        }
    }
    filters
}

/// A field that is no facet would find nothing, and nobody would know why.
fn check_fields(archive: &Archive, arguments: &Arguments) -> anyhow::Result<()> {
    let mut known = archive.info().facets;
    known.insert(0, "date".into());
    let filtered = arguments.filters.iter().map(|(field, _)| field);
    for field in filtered.chain(&arguments.facets) {
        if !known.contains(field) {
            let known = known.join(", ");
            bail!("the archive has no facet `{field}`; it has {known}");
        }
    }
    Ok(())
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
    response
        .facets
        .iter()
        .try_for_each(|facet| show_facet(facet, out))
}

fn show_facet(facet: &FacetCount, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{}", facet.field)?;
    for value in &facet.values {
        writeln!(out, "{:>9}  {}", count(value.count), value.value)?;
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

/// The pieces as one line, the hits marked.
fn excerpt(pieces: &[Piece], marks: &Marks) -> String {
    let mut line = String::new();
    for piece in pieces {
        let text = one_line(&piece.text);
        if piece.hit {
            line.extend([marks.before, &text, marks.after]);
        } else {
            line.push_str(&text);
        }
    }
    line.trim().to_owned()
}

/// Without line breaks: between Chinese characters the break of a column says nothing, between words it is a space.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for (number, part) in text.split('\n').enumerate() {
        let part = part.trim_end_matches('\r');
        let beside_word = line.ends_with(|c: char| c.is_ascii_graphic())
            || part.starts_with(|c: char| c.is_ascii_graphic());
        if number > 0 && (beside_word || part.is_empty()) && !line.ends_with(' ') {
            line.push(' ');
        }
        line.push_str(part);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_are_spaces_only_where_words_are() {
        let cases = [
            ("百姓戏\n台", "百姓戏台"),
            ("one\r\ntwo", "one two"),
            ("共\n30 人", "共 30 人"),
            ("标题\n\n正文", "标题 正文"),
        ];
        for (text, line) in cases {
            assert_eq!(one_line(text), line);
        }
    }
}
