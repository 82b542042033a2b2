//! Places from a list of districts, towns and what lies in them.
//!
//! A place is found by its name or by an alias that the list gives it; no alias is made up, because the short form of
//! a town is often a word or somebody's name. One mention is enough. An article has the innermost places that it
//! mentions: with 芦湾村 it has the town around it too, so the town is not said again.
//!
//! # Names that several places have
//!
//! If the mention follows at once on a place that only one of them lies in (`苇渡镇新河村`), it is that one. Otherwise
//! it is the one around which the article mentions a place that is not around the others. If that decides nothing, the
//! mention counts for the innermost place that all of them lie in, if there is one, and is noted.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use toml::Spanned;

use super::ArticleText;
use super::phrases::{Mention, Phrases};
use super::rules::{self, Rules};
use crate::document::field::LEVEL;
use crate::error::Error;
use crate::report::Note;

const STARTER: &str = include_str!("gazetteer.toml");
const HINT: &str = "a place is written as [[place]] name = \"…\"; those in it as [[place.place]], or in a row: \
     place = [\"…\", { name = \"…\", alias = [\"…\"] }]";
/// Levels of places, more than any administration has.
const DEEPEST: usize = 16;

/// Places and what they are called.
#[derive(Clone, Debug)]
pub struct Gazetteer {
    /// In the order of the file, so that a place comes before those in it.
    places: Vec<Listed>,
    /// By the number of the phrase, the places that are called so; none if it is a context that does not count.
    meanings: Vec<Vec<usize>>,
    phrases: Phrases,
    warnings: Vec<Note>,
}

#[derive(Clone, Debug)]
struct Listed {
    /// With what is around it: `鹭陵区 ▸ 苇渡镇`.
    path: String,
    around: Option<usize>,
}

/// A place in an article, and the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceEvidence {
    /// `鹭陵区 ▸ 苇渡镇 ▸ 芦湾村`
    pub place: String,
    /// How often it is mentioned, in headline and body.
    pub mentions: u32,
}

impl Gazetteer {
    /// An example with comments, as a file to begin with.
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
        let raw: RawGazetteer = rules.parse()?;
        if raw.places.is_empty() {
            return Err(rules.error(0..0, "there is no [[place]] in the file".into()));
        }
        let mut builder = Builder::new(&rules);
        builder.add_level(&raw.places, None, 0)?;
        builder.finish()
    }

    /// What is odd in the file.
    pub fn warnings(&self) -> &[Note] {
        &self.warnings
    }

    /// Every place, in the order of the file.
    pub fn place_names(&self) -> impl Iterator<Item = &str> {
        self.places.iter().map(|place| place.path.as_str())
    }

    /// The places of an article, those mentioned most first, and names that nothing decided.
    pub(super) fn places(&self, text: &ArticleText) -> (Vec<PlaceEvidence>, Vec<String>) {
        let texts: Vec<Vec<Mention>> = text
            .headlines
            .iter()
            .chain([&text.body])
            .map(|text| self.phrases.mentions(text).collect())
            .collect();
        let named = self.named(&texts);
        let mut counts: BTreeMap<usize, u32> = BTreeMap::new();
        let mut ambiguous = Vec::new();
        for mentions in &texts {
            self.count(mentions, &named, &mut counts, &mut ambiguous);
        }
        ambiguous.sort_unstable();
        ambiguous.dedup();
        (self.innermost(&counts), ambiguous)
    }

    /// Places that are mentioned by a name that no other has.
    fn named(&self, texts: &[Vec<Mention>]) -> Vec<usize> {
        let meanings = texts
            .iter()
            .flatten()
            .map(|mention| &self.meanings[mention.phrase]);
        let mut named: Vec<usize> = meanings
            .filter_map(|places| match places[..] {
                [place] => Some(place),
                _ => None,
            })
            .collect();
        named.sort_unstable();
        named.dedup();
        named
    }

    fn count(
        &self,
        mentions: &[Mention],
        named: &[usize],
        counts: &mut BTreeMap<usize, u32>,
        ambiguous: &mut Vec<String>,
    ) {
        // The place before, and where its name ends.
        let mut before: Option<(usize, usize)> = None;
        for mention in mentions {
            let meanings = &self.meanings[mention.phrase];
            let beside = before.filter(|(_, end)| *end == mention.start);
            let place = self.decide(meanings, beside.map(|(place, _)| place), named);
            if let Some(place) = place.decided() {
                *counts.entry(place).or_default() += 1;
            }
            if matches!(place, Meaning::Open(_)) {
                ambiguous.push(self.open_name(meanings));
            }
            before = place.decided().map(|place| (place, mention.end));
        }
    }

    fn decide(&self, meanings: &[usize], beside: Option<usize>, named: &[usize]) -> Meaning {
        match meanings {
            [] => return Meaning::None,
            [place] => return Meaning::Place(*place),
            _ => {}
        }
        let lies_in = |place: usize, outer: usize| self.around(place).any(|around| around == outer);
        if let Some(beside) = beside
            && let Some(place) = only(meanings, |place| lies_in(place, beside))
        {
            return Meaning::Place(place);
        }
        let common = self.common(meanings);
        let is_told = |place: usize| {
            let mut around = self
                .around(place)
                .take_while(|around| Some(*around) != common);
            around.any(|around| named.binary_search(&around).is_ok())
        };
        only(meanings, is_told).map_or(Meaning::Open(common), Meaning::Place)
    }

    /// Places around a place, from the inside.
    fn around(&self, place: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.places[place].around, |place| {
            self.places[*place].around
        })
    }

    /// The innermost place around all of these.
    fn common(&self, meanings: &[usize]) -> Option<usize> {
        let (first, others) = meanings.split_first()?;
        let lies_in = |place: usize, outer| self.around(place).any(|around| around == outer);
        self.around(*first)
            .find(|outer| others.iter().all(|other| lies_in(*other, *outer)))
    }

    /// All that the name may mean.
    fn open_name(&self, meanings: &[usize]) -> String {
        let paths = meanings
            .iter()
            .map(|place| self.places[*place].path.as_str());
        paths.collect::<Vec<_>>().join(" / ")
    }

    /// Places around others count where the others are.
    fn innermost(&self, counts: &BTreeMap<usize, u32>) -> Vec<PlaceEvidence> {
        let mut outer = vec![false; self.places.len()];
        for place in counts.keys() {
            self.around(*place).for_each(|around| outer[around] = true);
        }
        let inner = counts.iter().filter(|(place, _)| !outer[**place]);
        let mut inner: Vec<(&usize, &u32)> = inner.collect();
        inner.sort_by_key(|(place, mentions)| (std::cmp::Reverse(**mentions), **place));
        let evidence = |(place, mentions): (&usize, &u32)| PlaceEvidence {
            place: self.places[*place].path.clone(),
            mentions: *mentions,
        };
        inner.into_iter().map(evidence).collect()
    }
}

/// What a mention means.
#[derive(Clone, Copy)]
enum Meaning {
    /// Nothing: it is a phrase that has a name in it.
    None,
    Place(usize),
    /// One of several; they all lie in this one.
    Open(Option<usize>),
}

impl Meaning {
    fn decided(self) -> Option<usize> {
        match self {
            Self::None => None,
            Self::Place(place) => Some(place),
            Self::Open(common) => common,
        }
    }
}

/// The one that fits, if no other does.
fn only(places: &[usize], fits: impl Fn(usize) -> bool) -> Option<usize> {
    let mut fitting = places.iter().copied().filter(|place| fits(*place));
    let first = fitting.next();
    first.filter(|_| fitting.next().is_none())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGazetteer {
    #[serde(default, rename = "place")]
    places: Vec<Spanned<RawPlace>>,
}

/// A name, or a table with more.
#[derive(Debug)]
enum RawPlace {
    Name(String),
    Table(RawTable),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    name: Spanned<String>,
    #[serde(default)]
    alias: Vec<Spanned<String>>,
    #[serde(default)]
    not: Vec<Spanned<String>>,
    #[serde(default, rename = "place")]
    places: Vec<Spanned<RawPlace>>,
}

impl<'de> Deserialize<'de> for RawPlace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = RawPlace;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a table with `name`")
            }

            fn visit_str<E>(self, name: &str) -> Result<RawPlace, E> {
                Ok(RawPlace::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawPlace, A::Error> {
                RawTable::deserialize(MapAccessDeserializer::new(map)).map(RawPlace::Table)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// Checks a file and makes a gazetteer of it.
struct Builder<'r> {
    rules: &'r Rules<'r>,
    places: Vec<Listed>,
    /// Folded names and the places that have them; none for contexts.
    names: BTreeMap<String, Vec<usize>>,
    warnings: Vec<Note>,
}

impl<'r> Builder<'r> {
    fn new(rules: &'r Rules<'r>) -> Self {
        Self {
            rules,
            places: Vec::new(),
            names: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    fn add_level(
        &mut self,
        level: &[Spanned<RawPlace>],
        around: Option<usize>,
        depth: usize,
    ) -> Result<(), Error> {
        let mut names = Vec::new();
        for raw in level {
            let at = match raw.get_ref() {
                RawPlace::Name(_) => raw.span(),
                RawPlace::Table(table) => table.name.span(),
            };
            if depth >= DEEPEST {
                let what = format!("places are nested more than {DEEPEST} levels deep");
                return Err(self.rules.error(at, what));
            }
            let name = match raw.get_ref() {
                RawPlace::Name(name) => name,
                RawPlace::Table(table) => table.name.get_ref(),
            };
            let name = self.rules.name(name, at.clone())?;
            if names.contains(&name) {
                let what = format!("`name`: `{name}` is there twice on one level");
                return Err(self.rules.error(at, what));
            }
            let place = self.add_place(&name, around);
            self.add_name("name", &Spanned::new(at, name.clone()), place)?;
            names.push(name);
            if let RawPlace::Table(table) = raw.get_ref() {
                self.add_table(table, place, depth)?;
            }
        }
        Ok(())
    }

    fn add_place(&mut self, name: &str, around: Option<usize>) -> usize {
        let path = match around {
            Some(around) => format!("{}{LEVEL}{name}", self.places[around].path),
            None => name.to_owned(),
        };
        self.places.push(Listed { path, around });
        self.places.len() - 1
    }

    fn add_table(&mut self, table: &RawTable, place: usize, depth: usize) -> Result<(), Error> {
        for alias in &table.alias {
            self.add_name("alias", alias, place)?;
        }
        for context in &table.not {
            let folded = self.rules.phrase("not", context)?;
            self.names.entry(folded).or_default();
        }
        self.add_level(&table.places, Some(place), depth + 1)
    }

    fn add_name(&mut self, key: &str, name: &Spanned<String>, place: usize) -> Result<(), Error> {
        let folded = self.rules.phrase(key, name)?;
        let places = self.names.entry(folded).or_default();
        if places.contains(&place) {
            let reason = format!("`{key}`: `{}` is there twice", name.get_ref());
            self.warnings.push(self.rules.note(name.span(), reason));
        } else {
            places.push(place);
        }
        Ok(())
    }

    fn finish(self) -> Result<Gazetteer, Error> {
        let (names, meanings): (Vec<String>, Vec<Vec<usize>>) = self.names.into_iter().unzip();
        let too_many = || self.rules.error(0..0, "there are too many places".into());
        Ok(Gazetteer {
            phrases: Phrases::new(&names).ok_or_else(too_many)?,
            places: self.places,
            meanings,
            warnings: self.warnings,
        })
    }
}

#[cfg(test)]
mod tests;
