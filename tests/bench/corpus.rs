//! Makes a corpus of any size, the same one every time, from the text of smaller ones.
//!
//! `bench_corpus --documents N --out FILE.jsonl [--seed N] [--replaced PERCENT]
//! [--from A.jsonl B.jsonl.gz …]`; without `--from` the text is that of the sample archive.
//!
//! The source is cut into sentences. A pass hands out all of them once, in a new order, to
//! documents that have as many sentences as those of the source, in a new order too. After the
//! first pass nothing would be new any more, while real text keeps bringing names and turns that
//! were never there: the pairs of neighbouring characters, which are what a dictionary grows by,
//! go on as K·nᵝ (Heaps' law). So:
//!
//! - β is measured at the end of the first pass, over its last three quarters.
//! - From then on the pairs that have been seen are counted while writing. Whenever fewer have
//!   been seen than K·nᵝ, characters of the sentence at hand are replaced by others, drawn from
//!   all text, so common ones come often. Only Han characters replace and are replaced.
//! - While more of all pairs stand there once than did in the source, a changed sentence is changed
//!   for good and comes again in every later pass. Otherwise the next pass has the old one.
//! - At most PERCENT of the characters are replaced (4 unless told otherwise), so that sentences
//!   stay sentences. From a source as small as the sample archive the goal is therefore missed,
//!   which the report shows.
//!
//! What is not kept: the order of sentences, and growth in anything but Han characters (words and
//! numbers of the source only come again). β falls slowly in real text and is constant here, so a
//! large corpus has rather more pairs than a real one would.
//!
//! Memory is the source and two bits for each pair of its characters, however much is written.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::Instant;

use acceptance::corpora::sample;
use acceptance::lines::documents;
use acceptance::random::Random;

const USAGE: &str = "usage: bench_corpus --documents N --out FILE.jsonl [--seed N] [--replaced PERCENT] [--from A.jsonl B.jsonl.gz …]";

/// A newspaper of a city prints about as many articles a day.
const DOCUMENTS_A_DAY: usize = 100;

/// 1998-01-01 in days since 1970: a million documents end in 2025.
const FIRST_DAY: usize = 10_227;

struct Arguments {
    documents: usize,
    out: PathBuf,
    seed: u64,
    replaced: usize,
    from: Vec<PathBuf>,
}

fn main() {
    let arguments = Arguments::parse(std::env::args().skip(1));
    let mut source = Source::default();
    if arguments.from.is_empty() {
        for page in sample() {
            source.add(&page.title, &without_columns(&page.body));
        }
    }
    for file in &arguments.from {
        for document in documents(file) {
            source.add(&document.title, &document.body);
        }
    }
    let started = Instant::now();
    let out = File::create(&arguments.out).expect("the output file can be made");
    let mut writer = Writer::new(source, &arguments, BufWriter::with_capacity(1 << 20, out));
    writer.write(arguments.documents);
    writer.report(started);
}

impl Arguments {
    fn parse(given: impl Iterator<Item = String>) -> Self {
        let mut arguments = Self {
            documents: 0,
            out: PathBuf::new(),
            seed: 1,
            replaced: 4,
            from: Vec::new(),
        };
        let mut option = String::new();
        for value in given {
            match option.as_str() {
                _ if value.starts_with("--") => option = value,
                "--documents" => arguments.documents = value.parse().unwrap_or_else(|_| refuse()),
                "--out" => arguments.out = value.into(),
                "--seed" => arguments.seed = value.parse().unwrap_or_else(|_| refuse()),
                "--replaced" => {
                    arguments.replaced = value.parse().unwrap_or_else(|_| refuse());
                }
                "--from" => arguments.from.push(value.into()),
                _ => refuse(),
            }
        }
        if arguments.documents == 0 || arguments.out.as_os_str().is_empty() {
            refuse();
        }
        arguments
    }
}

fn refuse() -> ! {
    eprintln!("{USAGE}");
    std::process::exit(2)
}

// --- the source -----------------------------------------------------------------------------------

/// All sentences in one row of bytes, as they stand in JSON: writing one is copying it.
#[derive(Default)]
struct Source {
    text: Vec<u8>,
    sentences: Vec<Piece>,
    titles: Vec<Piece>,
    /// Sentences of each document.
    lengths: Vec<usize>,
}

#[derive(Clone, Copy)]
struct Piece {
    start: u32,
    len: u32,
}

impl Source {
    fn add(&mut self, title: &str, body: &str) {
        let before = self.sentences.len();
        for sentence in sentences(body) {
            let piece = self.push(sentence);
            self.sentences.push(piece);
        }
        self.lengths.push(self.sentences.len() - before);
        let piece = self.push(title);
        self.titles.push(piece);
    }

    fn push(&mut self, text: &str) -> Piece {
        let quoted = serde_json::to_string(text).expect("text is JSON");
        let start = self.text.len();
        self.text.extend(&quoted.as_bytes()[1..quoted.len() - 1]);
        let number = |n| u32::try_from(n).expect("a source below 4 GiB");
        Piece {
            start: number(start),
            len: number(self.text.len() - start),
        }
    }

    fn range(piece: Piece) -> std::ops::Range<usize> {
        piece.start as usize..(piece.start + piece.len) as usize
    }
}

/// Cut behind stops and at the ends of lines; what follows a stop without being a sentence, such
/// as a closing quotation mark, stays with it.
fn sentences(mut rest: &str) -> impl Iterator<Item = &str> {
    let pieces = std::iter::from_fn(move || {
        let end = rest.find(ends).unwrap_or(rest.len());
        let behind = rest[end..].find(|c| !ends(c) && !closes(c));
        let (sentence, after) = rest.split_at(behind.map_or(rest.len(), |behind| end + behind));
        rest = after;
        (!sentence.is_empty()).then_some(sentence)
    });
    pieces.filter(|sentence| !sentence.trim().is_empty())
}

fn ends(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '!' | '?' | '\n')
}

fn closes(c: char) -> bool {
    matches!(c, '”' | '’' | '」' | '』' | '）' | ')' | '"')
}

/// The sample's pages have the columns of the printed page, and a line may end in mid-word. That
/// makes no difference to us, but peers would not find such words; so it is mended here.
fn without_columns(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    for line in body.lines().map(str::trim) {
        let wide = |c: Option<char>| c.is_some_and(|c| !c.is_ascii());
        if !wide(text.chars().next_back()) && !wide(line.chars().next()) && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(line);
    }
    text
}

// --- the vocabulary -------------------------------------------------------------------------------

/// Which pairs of neighbouring Han characters have been seen: never, once, or more often.
struct Vocabulary {
    /// From a code point to a number below `characters`; `NONE` for all that is not counted.
    numbers: Vec<u16>,
    characters: usize,
    seen: Vec<u8>,
    pairs: u64,
    distinct: u64,
    once: u64,
}

const NONE: u16 = u16::MAX;

impl Vocabulary {
    fn new(text: &[u8]) -> Self {
        let mut numbers = vec![NONE; 1 << 16];
        let mut characters = 0;
        for (_, point) in han(text) {
            if numbers[point] == NONE {
                numbers[point] = characters;
                characters += 1;
            }
        }
        let characters = usize::from(characters);
        Self {
            numbers,
            characters,
            seen: vec![0; (characters * characters).div_ceil(4)],
            pairs: 0,
            distinct: 0,
            once: 0,
        }
    }

    /// (pairs, different ones, those seen once)
    fn count(&self) -> (u64, u64, u64) {
        (self.pairs, self.distinct, self.once)
    }

    fn share_once(&self) -> f64 {
        self.once as f64 / self.distinct.max(1) as f64
    }

    fn note(&mut self, text: &[u8]) {
        let mut before = None;
        for (at, point) in han(text) {
            let number = usize::from(self.numbers[point]);
            if let Some((place, left)) = before
                && place + 3 == at
            {
                self.note_pair(left, number);
            }
            before = Some((at, number));
        }
    }

    fn note_pair(&mut self, left: usize, right: usize) {
        let at = left * self.characters + right;
        let (byte, shift) = (&mut self.seen[at / 4], at % 4 * 2);
        self.pairs += 1;
        match *byte >> shift & 3 {
            0 => {
                self.distinct += 1;
                self.once += 1;
            }
            1 => self.once -= 1,
            _ => return,
        }
        *byte += 1 << shift;
    }
}

/// The Han characters of the first plane, three bytes each: offset and code point.
fn han(text: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(&lead) = text.get(at) {
            let start = at;
            at += match lead {
                0..0xC0 => 1,
                0xC0..0xE0 => 2,
                0xE0..0xF0 => 3,
                _ => 4,
            };
            if (0xE3..=0xE9).contains(&lead) {
                let low = |byte: u8| usize::from(byte & 0x3F);
                let point = usize::from(lead & 0xF) << 12
                    | low(text[start + 1]) << 6
                    | low(text[start + 2]);
                if (0x3400..0xA000).contains(&point) {
                    return Some((start, point));
                }
            }
        }
        None
    })
}

/// K·nᵝ, through the last point that was measured.
#[derive(Clone, Copy)]
struct Growth {
    pairs: f64,
    distinct: f64,
    beta: f64,
    /// How many of the different pairs stood there once.
    once: f64,
}

impl Growth {
    /// Through the point and the one at a quarter of it.
    fn measure(points: &[(u64, u64, u64)]) -> Option<Self> {
        let &(pairs, distinct, once) = points.last()?;
        let quarter = points.partition_point(|(n, ..)| n * 4 < pairs);
        let &(before, fewer, _) = points.get(quarter)?;
        let (n, v) = (pairs as f64 / before as f64, distinct as f64 / fewer as f64);
        (before < pairs && fewer > 0).then(|| Self {
            pairs: pairs as f64,
            distinct: distinct as f64,
            beta: v.ln() / n.ln(),
            once: once as f64 / distinct as f64,
        })
    }

    fn at(self, pairs: u64) -> f64 {
        self.distinct * (pairs as f64 / self.pairs).powf(self.beta)
    }
}

// --- writing --------------------------------------------------------------------------------------

struct Writer<W> {
    source: Source,
    /// Every Han character of the source, as often as it stands there, as offsets.
    drawn_from: Vec<u32>,
    random: Random,
    /// In percent of a sentence, at most.
    replaced: usize,
    vocabulary: Vocabulary,
    growth: Option<Growth>,
    /// (pairs, distinct, once) whenever the pairs have doubled.
    points: Vec<(u64, u64, u64)>,
    line: Vec<u8>,
    bytes: u64,
    documents: usize,
    out: W,
}

impl<W: Write> Writer<W> {
    fn new(source: Source, arguments: &Arguments, out: W) -> Self {
        let offset = |(at, _)| u32::try_from(at).expect("a source below 4 GiB");
        let step = source.text.len() / (1 << 24) + 1;
        Self {
            drawn_from: han(&source.text).step_by(step).map(offset).collect(),
            vocabulary: Vocabulary::new(&source.text),
            random: Random::new(arguments.seed),
            replaced: arguments.replaced,
            source,
            growth: None,
            points: Vec::new(),
            line: Vec::new(),
            bytes: 0,
            documents: 0,
            out,
        }
    }

    fn write(&mut self, wanted: usize) {
        let all = |row: &[Piece]| (0..row.len()).collect::<Vec<usize>>();
        let (mut sentences, mut titles) = (all(&self.source.sentences), all(&self.source.titles));
        let mut lengths = self.source.lengths.clone();
        let mut measured = Vec::new();
        while self.documents < wanted {
            self.random.shuffle(&mut sentences);
            self.random.shuffle(&mut titles);
            self.random.shuffle(&mut lengths);
            let mut next = sentences.iter();
            for (&title, &length) in titles.iter().zip(&lengths) {
                if self.documents == wanted {
                    break;
                }
                self.document(title, next.by_ref().take(length));
                if self.growth.is_none() {
                    measured.push(self.vocabulary.count());
                }
            }
            self.growth = self.growth.or_else(|| Growth::measure(&measured));
        }
        self.out.flush().expect("the disk has room");
    }

    fn document<'a>(&mut self, title: usize, sentences: impl Iterator<Item = &'a usize>) {
        let head = format!(
            "{{\"id\":\"g{:07}\",\"date\":\"{}\",\"title\":\"",
            self.documents,
            date(FIRST_DAY + self.documents / DOCUMENTS_A_DAY)
        );
        self.line.clear();
        self.line.extend(head.as_bytes());
        self.copy(self.source.titles[title]);
        self.line.extend(b"\",\"body\":\"");
        for &sentence in sentences {
            self.copy(self.source.sentences[sentence]);
        }
        self.line.extend(b"\"}\n");
        self.out.write_all(&self.line).expect("the disk has room");
        self.bytes += self.line.len() as u64;
        self.documents += 1;
        self.mark();
    }

    /// Appends a piece of the source, changed if pairs are lacking.
    fn copy(&mut self, piece: Piece) {
        let start = self.line.len();
        self.line.extend(&self.source.text[Source::range(piece)]);
        if let Some(growth) = self.growth {
            let lacking = growth.at(self.vocabulary.pairs) - self.vocabulary.distinct as f64;
            if lacking > 0.0 {
                self.replace(start, lacking.ceil() as usize);
                if self.vocabulary.share_once() > growth.once {
                    self.source.text[Source::range(piece)].copy_from_slice(&self.line[start..]);
                }
            }
        }
        self.vocabulary.note(&self.line[start..]);
    }

    /// Each replaced character makes two pairs, of which none, one or both are new.
    fn replace(&mut self, start: usize, lacking: usize) {
        let places: Vec<usize> = han(&self.line[start..]).map(|(at, _)| start + at).collect();
        // What is still lacking is made up for in the next sentences.
        let most = (places.len() * self.replaced + self.random.below(100)) / 100;
        for _ in 0..lacking.min(most) {
            let place = places[self.random.below(places.len())];
            let from = self.drawn_from[self.random.below(self.drawn_from.len())] as usize;
            self.line[place..place + 3].copy_from_slice(&self.source.text[from..from + 3]);
        }
    }

    fn mark(&mut self) {
        let last = self.points.last().map_or(0, |&(pairs, _, _)| pairs);
        if self.vocabulary.pairs >= (last * 2).max(10_000) {
            self.points.push(self.vocabulary.count());
        }
    }

    fn report(&self, started: Instant) {
        let seconds = started.elapsed().as_secs_f64();
        let megabytes = self.bytes as f64 / 1e6;
        eprintln!(
            "{} documents, {megabytes:.1} MB in {seconds:.1} s, {:.0} MB/s",
            self.documents,
            megabytes / seconds
        );
        match self.growth {
            None => eprintln!("less than one pass: the source's own growth"),
            Some(growth) => eprintln!(
                "source: {} pairs, beta {:.3}; from there on {:.0}·(n/{})^{:.3} is the goal",
                growth.pairs, growth.beta, growth.distinct, growth.pairs, growth.beta
            ),
        }
        eprintln!(
            "{:>14}{:>14}{:>14}{:>14}",
            "pairs", "different", "goal", "once, share"
        );
        for &(pairs, distinct, once) in self.points.iter().chain([&self.vocabulary.count()]) {
            let goal = self.growth.filter(|growth| pairs as f64 >= growth.pairs);
            let goal = goal.map_or("-".to_owned(), |growth| format!("{:.0}", growth.at(pairs)));
            let share = once as f64 / distinct.max(1) as f64;
            eprintln!("{pairs:>14}{distinct:>14}{goal:>14}{share:>14.3}");
        }
    }
}

/// A day since 1970 as `YYYY-MM-DD`.
fn date(mut day: usize) -> String {
    let leap = |year: usize| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while day >= 365 + usize::from(leap(year)) {
        day -= 365 + usize::from(leap(year));
        year += 1;
    }
    let february = 28 + usize::from(leap(year));
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", day + 1)
}
