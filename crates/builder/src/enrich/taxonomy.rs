//! Subjects from a library of keywords.
//!
//! # When an article gets a subject
//!
//! Points are counted for each subject: 3 for each of its keywords in the headline (or the lines around it), 1 for each
//! time a keyword is in the body, up to 3 for one keyword, and 1 for each keyword after the first. A *strong* keyword
//! counts three times as much in the body. From 3 points on (`threshold`) the article has the subject. So one keyword
//! in the headline is enough, or two different ones in the body, or one three times, or a strong one once; a word that
//! merely passes by is not. Of the subjects found, those with less than a quarter of the points of the first are left
//! out, and not more than 4 (`most`) are kept.
//!
//! Where keywords overlap, the one that begins first counts, and of those the longest: 晚稻秧苗 is not 晚稻 too, even if
//! they are keywords of different subjects. A context (`not`) is a longer phrase that hides keywords in the same way and
//! counts for nothing.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::ArticleText;
use super::phrases::Phrases;
use super::rules::{self, Rules};
use crate::document::field::LEVEL;
use crate::error::Error;
use crate::report::Note;

const STARTER: &str = include_str!("taxonomy.toml");
const HINT: &str = "a subject is written as [[class]] name = \"…\" and below it [[class.subclass]] name = \"…\", \
     keywords = [\"…\", \"…\"]";

/// Points of a keyword in the headline.
const HEADLINE: u32 = 3;
/// As often a keyword in the body counts.
const REPEATS: u32 = 3;
/// As much a strong keyword counts.
const STRONG: u32 = 3;
/// A subject with less than this part of the points of the first is not what the article is about.
const PART_OF_BEST: u32 = 4;

/// Classes, subclasses and their keywords.
#[derive(Clone, Debug)]
pub struct Taxonomy {
    /// In the order of the file.
    subjects: Vec<Subject>,
    /// By the number of the phrase; contexts are there too.
    keywords: Vec<Keyword>,
    phrases: Phrases,
    settings: Settings,
    warnings: Vec<Note>,
}

#[derive(Clone, Debug)]
struct Subject {
    /// With its class: `农业农村 ▸ 水稻`.
    path: String,
}

#[derive(Clone, Debug)]
struct Keyword {
    /// As it is in the file.
    text: String,
    /// Nothing if it is a context, in which keywords do not count.
    subject: Option<usize>,
    weight: u32,
}

/// A subject of an article, and the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubjectEvidence {
    /// `农业农村 ▸ 水稻`
    pub subject: String,
    /// How certain it is: see the description of [the module](self).
    pub points: u32,
    /// What was found, what counts most first.
    pub keywords: Vec<KeywordEvidence>,
}

/// A keyword in an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeywordEvidence {
    /// As it is in the file.
    pub keyword: String,
    /// How often it is in the headline and the lines around it.
    pub headline: u32,
    /// How often it is in the body.
    pub body: u32,
}

impl fmt::Display for SubjectEvidence {
    /// `水稻: 晚稻×3, 早稻`. The class is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.subject.rsplit(LEVEL).next().unwrap_or_default();
        write!(f, "{name}: ")?;
        for (number, found) in self.keywords.iter().enumerate() {
            let comma = if number > 0 { ", " } else { "" };
            write!(f, "{comma}{}", found.keyword)?;
            match found.headline + found.body {
                0 | 1 => {}
                times => write!(f, "×{times}")?,
            }
        }
        Ok(())
    }
}

impl Taxonomy {
    /// A taxonomy for local news, as a file to begin with: 25 classes, some hundred subclasses, and how to change them.
    pub fn starter() -> &'static str {
        STARTER
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read or understood.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(&rules::read(path)?, path)
    }

    /// Reads the text of a file. The path is for messages.
    ///
    /// # Errors
    /// If it is not understood.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let rules = Rules {
            path,
            text,
            hint: HINT,
        };
        let mut builder = Builder::new(&rules);
        let raw: RawTaxonomy = rules.parse()?;
        builder.add_all(&raw)?;
        builder.finish(raw.settings)
    }

    /// What is odd in the file.
    pub fn warnings(&self) -> &[Note] {
        &self.warnings
    }

    /// Every subject, in the order of the file.
    pub fn subject_names(&self) -> impl Iterator<Item = &str> {
        self.subjects.iter().map(|subject| subject.path.as_str())
    }

    /// Every keyword with its subject.
    pub fn keywords(&self) -> impl Iterator<Item = (&str, &str)> {
        let subject = |keyword: &Keyword| Some(self.subjects.get(keyword.subject?)?.path.as_str());
        let keywords = self.keywords.iter();
        keywords.filter_map(move |keyword| Some((subject(keyword)?, keyword.text.as_str())))
    }

    /// A keyword and its subject, by its number.
    pub(super) fn keyword(&self, number: u32) -> Option<(&str, &str)> {
        let keyword = self.keywords.get(number as usize)?;
        let subject = &self.subjects[keyword.subject?];
        Some((&subject.path, &keyword.text))
    }

    /// The subjects of an article, the most certain first, and the numbers of all keywords that it has.
    pub(super) fn subjects(&self, text: &ArticleText) -> (Vec<SubjectEvidence>, Vec<u32>) {
        let counts = self.count(text);
        let mut by_subject: BTreeMap<usize, Vec<(usize, Count)>> = BTreeMap::new();
        for (&keyword, &count) in &counts {
            if let Some(subject) = self.keywords[keyword].subject {
                by_subject
                    .entry(subject)
                    .or_default()
                    .push((keyword, count));
            }
        }
        let found = by_subject.into_iter();
        let mut found: Vec<FoundSubject> = found
            .map(|(subject, keywords)| self.weigh(subject, keywords))
            .collect();
        found.sort_by_key(|found| (Reverse(found.points), found.subject));
        let best = found.first().map_or(0, |found| found.points);
        let enough = self.settings.threshold.max(best.div_ceil(PART_OF_BEST));
        found.retain(|found| found.points >= enough);
        found.truncate(self.settings.most);
        let seen = counts.keys().map(|keyword| *keyword as u32).collect();
        let evidence = found.into_iter().map(|found| self.evidence(found));
        (evidence.collect(), seen)
    }

    fn weigh(&self, subject: usize, mut keywords: Vec<(usize, Count)>) -> FoundSubject {
        let points = |(number, count): &(usize, Count)| count.points(&self.keywords[*number]);
        keywords.sort_by_key(|keyword| (Reverse(points(keyword)), keyword.0));
        let of_each: u32 = keywords.iter().map(points).sum();
        FoundSubject {
            subject,
            points: of_each + keywords.len() as u32 - 1,
            keywords,
        }
    }

    fn count(&self, text: &ArticleText) -> BTreeMap<usize, Count> {
        let mut counts: BTreeMap<usize, Count> = BTreeMap::new();
        for headline in &text.headlines {
            for mention in self.phrases.mentions(headline) {
                counts.entry(mention.phrase).or_default().headline += 1;
            }
        }
        for mention in self.phrases.mentions(&text.body) {
            counts.entry(mention.phrase).or_default().body += 1;
        }
        counts
    }

    fn evidence(&self, found: FoundSubject) -> SubjectEvidence {
        let keywords = found.keywords.into_iter();
        let keywords = keywords.map(|(number, count)| KeywordEvidence {
            keyword: self.keywords[number].text.clone(),
            headline: count.headline,
            body: count.body,
        });
        SubjectEvidence {
            subject: self.subjects[found.subject].path.clone(),
            points: found.points,
            keywords: keywords.collect(),
        }
    }
}

/// A subject, by its number, and its keywords in an article, by theirs.
struct FoundSubject {
    subject: usize,
    points: u32,
    keywords: Vec<(usize, Count)>,
}

/// How often a keyword is in an article.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    headline: u32,
    body: u32,
}

impl Count {
    fn points(self, keyword: &Keyword) -> u32 {
        let headline = if self.headline > 0 { HEADLINE } else { 0 };
        headline + self.body.min(REPEATS) * keyword.weight
    }
}

/// The file, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTaxonomy {
    #[serde(default)]
    settings: Settings,
    #[serde(default, rename = "class")]
    classes: Vec<RawClass>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    threshold: u32,
    most: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            threshold: 3,
            most: 4,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClass {
    name: Spanned<String>,
    #[serde(default)]
    keywords: Vec<Spanned<String>>,
    #[serde(default)]
    strong: Vec<Spanned<String>>,
    #[serde(default)]
    not: Vec<Spanned<String>>,
    #[serde(default, rename = "subclass")]
    subclasses: Vec<RawSubclass>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSubclass {
    name: Spanned<String>,
    #[serde(default)]
    keywords: Vec<Spanned<String>>,
    #[serde(default)]
    strong: Vec<Spanned<String>>,
    #[serde(default)]
    not: Vec<Spanned<String>>,
}

/// Phrases of one class or subclass.
struct Lists<'r> {
    keywords: &'r [Spanned<String>],
    strong: &'r [Spanned<String>],
    not: &'r [Spanned<String>],
}

impl Lists<'_> {
    fn is_empty(&self) -> bool {
        self.keywords.is_empty() && self.strong.is_empty()
    }
}

/// Checks a file and makes a taxonomy of it.
struct Builder<'r> {
    rules: &'r Rules<'r>,
    subjects: Vec<Subject>,
    keywords: Vec<Keyword>,
    folded: Vec<String>,
    /// Folded keywords and their numbers.
    known: BTreeMap<String, usize>,
    warnings: Vec<Note>,
}

impl<'r> Builder<'r> {
    fn new(rules: &'r Rules<'r>) -> Self {
        Self {
            rules,
            subjects: Vec::new(),
            keywords: Vec::new(),
            folded: Vec::new(),
            known: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    fn add_all(&mut self, raw: &RawTaxonomy) -> Result<(), Error> {
        if raw.classes.is_empty() {
            let what = "there is no [[class]] in the file";
            return Err(self.rules.error(0..0, what.into()));
        }
        let mut classes = Vec::new();
        for class in &raw.classes {
            let name = self.name(&class.name, &mut classes)?;
            self.add_class(&name, class)?;
        }
        Ok(())
    }

    fn add_class(&mut self, name: &str, class: &RawClass) -> Result<(), Error> {
        let lists = Lists {
            keywords: &class.keywords,
            strong: &class.strong,
            not: &class.not,
        };
        if class.subclasses.is_empty() || !lists.is_empty() {
            self.add_subject(name.to_owned(), &class.name, &lists)?;
        } else {
            self.add_contexts(&lists)?;
        }
        let mut names = Vec::new();
        for subclass in &class.subclasses {
            let its = self.name(&subclass.name, &mut names)?;
            let lists = Lists {
                keywords: &subclass.keywords,
                strong: &subclass.strong,
                not: &subclass.not,
            };
            self.add_subject(format!("{name}{LEVEL}{its}"), &subclass.name, &lists)?;
        }
        Ok(())
    }

    /// A name that no other of the same level has.
    fn name(&self, name: &Spanned<String>, others: &mut Vec<String>) -> Result<String, Error> {
        let its = self.rules.name(name.get_ref(), name.span())?;
        if others.contains(&its) {
            let what = format!("`name`: `{its}` is there twice; put both under one name");
            return Err(self.rules.error(name.span(), what));
        }
        others.push(its.clone());
        Ok(its)
    }

    fn add_subject(
        &mut self,
        path: String,
        at: &Spanned<String>,
        lists: &Lists<'_>,
    ) -> Result<(), Error> {
        if lists.is_empty() {
            let reason = format!("`{path}` has no keywords, so no article gets it");
            self.warnings.push(self.rules.note(at.span(), reason));
        }
        self.subjects.push(Subject { path });
        for (key, list, weight) in [
            ("keywords", lists.keywords, 1),
            ("strong", lists.strong, STRONG),
        ] {
            for keyword in list {
                self.add_keyword(key, keyword, weight)?;
            }
        }
        self.add_contexts(lists)
    }

    /// A keyword of the last subject.
    fn add_keyword(&mut self, key: &str, text: &Spanned<String>, weight: u32) -> Result<(), Error> {
        let folded = self.rules.phrase(key, text)?;
        if let Some(known) = self.known.get(&folded) {
            let reason = self.twice(key, text.get_ref(), *known);
            self.warnings.push(self.rules.note(text.span(), reason));
            return Ok(());
        }
        let subject = Some(self.subjects.len() - 1);
        self.add_phrase(folded, text, subject, weight);
        Ok(())
    }

    fn twice(&self, key: &str, text: &str, known: usize) -> String {
        let earlier = &self.keywords[known];
        let where_else = match earlier.subject {
            Some(subject) => format!("a keyword of `{}`", self.subjects[subject].path),
            None => "a context that does not count (`not`)".into(),
        };
        let its = self.subjects.last().map_or("", |subject| &subject.path);
        format!("`{key}` of `{its}`: `{text}` is already {where_else}, and counts only there")
    }

    fn add_contexts(&mut self, lists: &Lists<'_>) -> Result<(), Error> {
        for context in lists.not {
            let folded = self.rules.phrase("not", context)?;
            let keywords = lists.keywords.iter().chain(lists.strong);
            let hides = keywords
                .map(|keyword| super::phrases::folded(keyword.get_ref()))
                .any(|keyword| folded.contains(&keyword));
            if !hides && !lists.is_empty() {
                let context_text = context.get_ref();
                let reason = format!("`not`: `{context_text}` has no keyword of its list in it");
                self.warnings.push(self.rules.note(context.span(), reason));
            }
            if !self.known.contains_key(&folded) {
                self.add_phrase(folded, context, None, 0);
            }
        }
        Ok(())
    }

    fn add_phrase(
        &mut self,
        folded: String,
        text: &Spanned<String>,
        subject: Option<usize>,
        weight: u32,
    ) {
        self.known.insert(folded.clone(), self.keywords.len());
        self.folded.push(folded);
        self.keywords.push(Keyword {
            text: text.get_ref().trim().to_owned(),
            subject,
            weight,
        });
    }

    fn finish(self, settings: Settings) -> Result<Taxonomy, Error> {
        let too_many = || self.rules.error(0..0, "there are too many keywords".into());
        Ok(Taxonomy {
            phrases: Phrases::new(&self.folded).ok_or_else(too_many)?,
            subjects: self.subjects,
            keywords: self.keywords,
            settings,
            warnings: self.warnings,
        })
    }
}

#[cfg(test)]
mod tests;
