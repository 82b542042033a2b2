//! From the text of a newspaper page to its articles.
//!
//! What arrives is what a PDF gave up: columns broken in mid-word, headlines far from their
//! bodies, tails of other articles. What leaves is a row of [`Article`]s and a ledger of
//! [`Block`]s in which every character of the page has exactly one place, with the reason, so that
//! an archivist can check the cut and override it.
//!
//! | step | module | what it makes |
//! |---|---|---|
//! | split | `lines` | the lines that are not blank, with their widths and gaps |
//! | measure | `column` | how wide the columns around each line are |
//! | judge | `shape` | what each line looks like: lead, running text, headline, byline, row … |
//! | find again | `repeats` | lines that stood there before |
//! | gather | `fragments` | lines in a row that are one thing; texts of pictures |
//! | assemble | `assemble` | fragments → articles: where one begins, where text goes on |
//! | match | `headlines`, `grams` | which headline belongs to which article, by common words and nearness |
//! | tell apart | `deck` | shoulder, headline and sub |
//! | name | `byline` | people and what they did |
//! | join | `join` | lines → paragraphs |
//! | date | `dates` | dates without a year, and what decides them |
//! | account | `blocks` | the ledger |
//! | correct | [`overrides`] | what an archivist knows better |
//! | show | [`report`] | the ledger as pages to look at |
//!
//! Nothing is learned and no place or person is known: what is used are habits of newspapers
//! (本报讯 begins a report, a line that ends no sentence fills its column, a headline shares words
//! with its article). Where the habits do not decide, text stays together: a line that is not sure
//! of an article (`headlines` has the threshold) stays a heading in the text around it.

mod assemble;
mod blocks;
mod byline;
mod column;
mod dates;
mod deck;
mod fragments;
mod grams;
mod headlines;
mod join;
mod lines;
pub mod overrides;
mod repeats;
pub mod report;
mod shape;

pub use blocks::missing;
pub use dates::issue_date;

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Takes a page apart.
///
/// Total: any text gives a [`CutPage`] whose blocks hold all of it. Nothing is read but the
/// arguments, so the same page is always cut the same way.
pub fn cut(text: &str, context: &PageContext<'_>) -> CutPage {
    let page = lines::Page::new(text, context);
    let shapes = shape::shapes(&page);
    let repeated = repeats::repeated(&page, &shapes);
    let fragments = fragments::fragments(&page, &shapes, &repeated);
    let drafts = assemble::drafts(&page, fragments);
    let named = context.date.is_none().then(|| issue_date(text)).flatten();
    let date = context
        .date
        .or(named.as_ref().map(|(date, _)| date.as_str()));
    blocks::finish(&drafts, &repeated, date)
}

/// What is known about a page besides its text.
#[derive(Clone, Copy, Debug, Default)]
pub struct PageContext<'a> {
    /// The issue's date, `YYYY-MM-DD` or shorter. If it is not known, the page head is asked.
    pub date: Option<&'a str>,
    /// How parts of the text were set, in order, where the input says so (PDF). Empty for plain text.
    pub styles: &'a [Style],
    /// What an archivist says of this page.
    pub overrides: Option<&'a overrides::PageOverrides>,
}

/// How a part of a page was set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Style {
    /// Bytes of the page's text.
    pub range: Range<usize>,
    /// In points.
    pub size: f32,
    /// Whether it is bold, as far as the file says.
    pub bold: bool,
}

/// A page, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CutPage {
    /// The ledger: in the order of the page, without overlap; all text outside of it is white space.
    pub blocks: Vec<Block>,
    /// In the order in which they begin on the page.
    pub articles: Vec<Article>,
    /// Overrides whose words stand nowhere on the page, for people.
    pub unmatched: Vec<String>,
}

/// A part of the page that is one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Bytes of the page's text.
    pub range: Range<usize>,
    /// What it is.
    pub kind: BlockKind,
    /// The article that it belongs to, by its place in [`CutPage::articles`]; furniture has none.
    pub article: Option<usize>,
    /// How sure that is, in percent.
    pub confidence: u8,
    /// The reason, for people: what was seen in the text.
    pub why: String,
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// A line above the headline.
    Shoulder,
    /// The headline.
    Headline,
    /// A line below the headline.
    Sub,
    /// Who wrote it, on a line of its own.
    Byline,
    /// Running text.
    Body,
    /// The text to a picture.
    Caption,
    /// The name of a column (`民声直通车`).
    ColumnHead,
    /// What the paper says about itself and what stands on every page: page heads, editors, hot lines.
    Furniture,
    /// Text that stands elsewhere on the page too.
    Repeated,
}

/// What an article is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArticleKind {
    /// A report.
    #[default]
    News,
    /// A longer piece: a portrait, an essay, a poem.
    Feature,
    /// A short report among others.
    Brief,
    /// A picture's text without an article.
    Caption,
    /// An announcement.
    Notice,
    /// A line that is there to be seen.
    Slogan,
    /// Rows of figures.
    Table,
    /// The rest of an article whose beginning is not on the page.
    Orphan,
}

/// One article, in the text that is shown: lines joined, words whole, nothing else changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// What it is.
    pub kind: ArticleKind,
    /// Empty if there is none.
    pub headline: String,
    /// The line above the headline; empty if there is none.
    pub shoulder: String,
    /// The lines below the headline; empty if there are none.
    pub sub: String,
    /// As printed, on its own line or in the lead (`通讯员 农谷雨 丰云`); empty if there is none.
    pub byline: String,
    /// Who is named in the byline and in credits of pictures.
    pub people: Vec<Person>,
    /// The column that it appeared in; empty if there is none.
    pub column: String,
    /// Paragraphs, separated by a newline.
    pub body: String,
    /// Texts of its pictures.
    pub captions: Vec<String>,
    /// Dates in the text that are not written in full, resolved.
    pub dates: Vec<ResolvedDate>,
    /// How sure its outline is, in percent.
    pub confidence: u8,
}

/// Somebody who made the article.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Person {
    /// What they did.
    pub role: Role,
    /// As printed, without spaces between characters.
    pub name: String,
}

/// What somebody did for an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 记者, 特约记者
    Reporter,
    /// 通讯员
    Correspondent,
    /// 摄, 摄影, 图
    Photographer,
    /// 作者, 文, or a bare name under a headline
    Author,
}

/// A date in an article and what it was resolved to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ResolvedDate {
    /// As printed: `10月15日`.
    pub text: String,
    /// `YYYY-MM-DD`; `None` if nothing decides it.
    pub date: Option<String>,
    /// What decided it.
    pub evidence: String,
}
