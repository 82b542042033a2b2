//! Which headline belongs to which article.
//!
//! A PDF gives up a page in the order in which it was drawn, and headlines are often drawn last or
//! first: a headline stands before its article, after it, between its halves, or at the other end
//! of the page among others. Two things tell where it belongs: the words that it shares with an
//! article (see [`grams`](super::grams)), and how near it stands. Both are added up for every
//! headline and article that have something in common, and the best pairs win first.
//!
//! A headline that is not sure of an article stays where it stands: as a heading in the text
//! around it, or as a line of its own.

use super::assemble::{Draft, Drafts, Why, text};
use super::fragments::FragmentKind;
use super::grams::Index;
use super::overrides::Forced;

/// Below this a headline belongs to nothing.
const THRESHOLD: f64 = 0.30;

/// A short line that stands apart from an article needs this much of its words in it, alone and among headlines.
const SHORT_ALONE: f64 = 0.8;
const SHORT_AMONG_OTHERS: f64 = 0.5;

/// A headline that fits another article better than this below its own, or better, is no surer than that, in percent.
const NARROW: f64 = 0.1;
const DOUBT: f64 = 50.0;

/// How much nearness counts, beside the share of common words, which is 1 at most.
mod near {
    /// Directly before the article; with no blank line between; with its byline between.
    pub(super) const BEFORE: f64 = 0.30;
    pub(super) const TOUCHING: f64 = 0.15;
    pub(super) const BYLINE: f64 = 0.50;
    /// Before it, with another headline between.
    pub(super) const SECOND_BEFORE: f64 = 0.18;
    /// Directly after the article.
    pub(super) const AFTER: f64 = 0.22;
    pub(super) const SECOND_AFTER: f64 = 0.10;
    /// Between two halves that are one sentence.
    pub(super) const INSIDE: f64 = 0.60;
    /// A short line that could be a column's name.
    pub(super) const COLUMN: f64 = 0.12;
}

/// A short line may be the name of a column.
const LONGEST_COLUMN: usize = 7;

/// A headline that may belong to an article.
#[derive(Clone, Copy, Debug)]
struct Pair {
    head: usize,
    draft: usize,
    share: f64,
    score: f64,
    /// The score of the next best article for the same headline.
    rival: f64,
}

/// Gives all headlines, bylines and columns' names of a page to its articles.
pub(super) fn assign(made: &mut Drafts<'_, '_>) {
    let around = Around::new(made);
    let texts: Vec<String> = made
        .drafts
        .iter()
        .map(|draft| draft_text(made, draft))
        .collect();
    let index = Index::new(texts.iter().map(String::as_str));
    let pairs = pairs(made, &around, &index);
    let mut owners: Vec<Option<usize>> = vec![None; made.fragments.len()];
    take_forced(made, &mut owners);
    for pair in &pairs {
        take(made, &around, &index, pair, &mut owners);
    }
    take_last(made, &mut owners);
    place_bylines(made, &around, &mut owners);
    place_rest(made, &around, &mut owners);
    place_captions(made);
    join_forced(made);
    made.drafts.iter_mut().for_each(|draft| {
        draft.heads.sort_unstable();
        draft.headings.sort_unstable();
    });
}

/// Headlines that an archivist gives to articles.
fn take_forced(made: &mut Drafts<'_, '_>, owners: &mut [Option<usize>]) {
    for head in 0..made.fragments.len() {
        let first = &made.page.lines[made.fragments[head].lines[0]];
        let Some(Forced::Headline(number)) = first.forced else {
            continue;
        };
        let place = made.page.overrides.headlines.get(number).copied().flatten();
        if let Some(draft) = place.and_then(|place| draft_at(made, place)) {
            add_line(made, head, draft, owners);
            made.drafts[draft].headline = (100, "overrides.toml says so".to_owned());
        }
    }
}

/// Articles that an archivist joins.
fn join_forced(made: &mut Drafts<'_, '_>) {
    for (here, there) in made.page.overrides.joins.clone() {
        if let (Some(one), Some(other)) = (draft_at(made, here), draft_at(made, there))
            && one != other
        {
            let other = std::mem::take(&mut made.drafts[other]);
            let one = &mut made.drafts[one];
            one.bodies.extend(other.bodies);
            one.captions.extend(other.captions);
            one.bylines.extend(other.bylines);
            one.columns.extend(other.columns);
            one.headings.extend(other.headings);
            match one.heads.is_empty() {
                true => (one.heads, one.headline) = (other.heads, other.headline),
                false => one.headings.extend(other.heads),
            }
            one.bodies.sort_unstable();
        }
    }
}

/// The article with the text, or else the headline, that stands at a place.
fn draft_at(made: &Drafts<'_, '_>, place: usize) -> Option<usize> {
    let has = |fragment: &usize| {
        made.fragments[*fragment]
            .lines
            .iter()
            .any(|line| made.page.lines[*line].range.contains(&place))
    };
    made.drafts.iter().position(|draft| {
        draft
            .bodies
            .iter()
            .chain(&draft.captions)
            .chain(&draft.heads)
            .chain(&draft.headings)
            .any(has)
    })
}

/// What stands around each fragment: articles before and after, and how many headlines between.
struct Around {
    before: Vec<Option<(usize, usize)>>,
    after: Vec<Option<(usize, usize)>>,
}

impl Around {
    fn new(made: &Drafts<'_, '_>) -> Self {
        let mut draft_of = vec![None; made.fragments.len()];
        // The tail of an article from another page has its headline there.
        let drafts = made.drafts.iter().enumerate();
        for (number, draft) in drafts.filter(|(_, draft)| draft.why != Why::Tail) {
            draft
                .bodies
                .iter()
                .chain(&draft.captions)
                .for_each(|body| draft_of[*body] = Some(number));
        }
        let look = |order: &mut dyn Iterator<Item = usize>| {
            let mut found = vec![None; draft_of.len()];
            let mut last: Option<(usize, usize)> = None;
            for fragment in order {
                found[fragment] = last;
                last = match draft_of[fragment] {
                    Some(draft) => Some((draft, 0)),
                    None if made.fragments[fragment].kind == FragmentKind::Head => {
                        last.map(|(draft, heads)| (draft, heads + 1))
                    }
                    None => last,
                };
            }
            found
        };
        Self {
            before: look(&mut (0..draft_of.len())),
            after: look(&mut (0..draft_of.len()).rev()),
        }
    }

    fn before(&self, fragment: usize) -> Option<usize> {
        self.before[fragment].map(|(draft, _)| draft)
    }

    fn after(&self, fragment: usize) -> Option<usize> {
        self.after[fragment].map(|(draft, _)| draft)
    }

    /// The article whose text stands on both sides.
    fn inside(&self, fragment: usize) -> Option<usize> {
        self.before(fragment)
            .filter(|draft| self.after(fragment) == Some(*draft))
    }
}

/// All pairs that are good enough, best first.
fn pairs(made: &Drafts<'_, '_>, around: &Around, index: &Index) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (head, fragment) in made.fragments.iter().enumerate() {
        if fragment.kind != FragmentKind::Head || is_slogan(made, head) {
            continue;
        }
        let mut shares = index.shares(&text(made.page, fragment));
        for near in [around.before(head), around.after(head)]
            .into_iter()
            .flatten()
        {
            if !shares.iter().any(|(draft, _)| *draft == near) {
                shares.push((near, 0.0));
            }
        }
        pairs.extend(shares.into_iter().map(|(draft, share)| {
            let score = nearness(made, around, head, draft, share) + share;
            Pair {
                head,
                draft,
                share,
                score,
                rival: 0.0,
            }
        }));
    }
    see_rivals(&mut pairs);
    pairs.retain(|pair| {
        pair.score >= THRESHOLD && (pair.score > pair.share || is_far_enough(made, pair))
    });
    pairs.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(a.head.cmp(&b.head))
            .then(a.draft.cmp(&b.draft))
    });
    pairs
}

/// Notes for each pair how well the headline would fit another article.
fn see_rivals(pairs: &mut [Pair]) {
    for of_head in pairs.chunk_by_mut(|one, other| one.head == other.head) {
        for number in 0..of_head.len() {
            let others = of_head
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != number);
            of_head[number].rival = others.map(|(_, pair)| pair.score).fold(0.0, f64::max);
        }
    }
}

/// Three or more very short lines below each other: `桥通了 / 路近了 / 人更近了`.
fn is_slogan(made: &Drafts<'_, '_>, head: usize) -> bool {
    let lines = &made.fragments[head].lines;
    lines.len() >= 3 && lines.iter().all(|line| made.page.lines[*line].length <= 8)
}

/// A headline that stands apart from its article needs more words in common if it is short: it may be the name of a
/// column. Less so among other headlines, where a PDF gives them up together.
fn is_far_enough(made: &Drafts<'_, '_>, pair: &Pair) -> bool {
    let length: usize = made.fragments[pair.head]
        .lines
        .iter()
        .map(|line| made.page.lines[*line].length)
        .sum();
    let is_head = |place: usize| {
        let fragment = made.fragments.get(place);
        fragment.is_some_and(|fragment| fragment.kind == FragmentKind::Head)
    };
    let among_others = is_head(pair.head + 1) || pair.head > 0 && is_head(pair.head - 1);
    let least = match (length <= LONGEST_COLUMN, among_others) {
        (true, true) => SHORT_AMONG_OTHERS,
        (true, false) => SHORT_ALONE,
        (false, _) => THRESHOLD,
    };
    pair.share >= least
}

fn draft_text(made: &Drafts<'_, '_>, draft: &Draft) -> String {
    if draft.why == Why::Tail {
        return String::new();
    }
    let fragments = draft.bodies.iter().chain(&draft.captions);
    fragments
        .map(|fragment| text(made.page, &made.fragments[*fragment]))
        .collect()
}

fn nearness(made: &Drafts<'_, '_>, around: &Around, head: usize, draft: usize, share: f64) -> f64 {
    let fragment = &made.fragments[head];
    let lines = &made.page.lines;
    if around.inside(head) == Some(draft) {
        let open = fragment
            .lines
            .first()
            .is_some_and(|first| made.page.is_open_before(*first));
        // A heading in the text shares more words with it than its headline does.
        return if open { near::INSIDE } else { -share / 2.0 };
    }
    let short = fragment.lines.len() == 1 && lines[fragment.lines[0]].length <= LONGEST_COLUMN;
    let mut nearness: f64 = 0.0;
    if let Some((after, between)) = around.after[head]
        && after == draft
        && begins_after(made, draft, head)
    {
        nearness = match between {
            0 if short
                && share < 0.2
                && made.drafts[draft].why != Why::Notice
                && !touches(made, head) =>
            {
                near::COLUMN
            }
            0 => {
                near::BEFORE
                    + if touches(made, head) {
                        near::TOUCHING
                    } else {
                        0.0
                    }
            }
            1 => near::SECOND_BEFORE,
            _ => 0.05,
        };
        let byline = made
            .fragments
            .get(head + 1)
            .is_some_and(|next| next.kind == FragmentKind::Byline);
        if between == 0 && byline && made.drafts[draft].captions.is_empty() {
            nearness += near::BYLINE;
        }
    }
    if let Some((before, between)) = around.before[head]
        && before == draft
    {
        let after = match between {
            0 => {
                near::AFTER
                    + if lines[fragment.lines[0]].gap == 0 {
                        near::TOUCHING
                    } else {
                        0.0
                    }
            }
            1 => near::SECOND_AFTER,
            _ => 0.03,
        };
        nearness = nearness.max(after);
    }
    nearness
}

/// Whether the article's first text stands after the headline.
fn begins_after(made: &Drafts<'_, '_>, draft: usize, head: usize) -> bool {
    let draft = &made.drafts[draft];
    draft
        .bodies
        .first()
        .or(draft.captions.first())
        .is_some_and(|first| *first > head)
}

/// Whether no blank line stands between a headline and what follows.
fn touches(made: &Drafts<'_, '_>, head: usize) -> bool {
    let next = made
        .fragments
        .get(head + 1)
        .and_then(|next| next.lines.first());
    next.is_some_and(|line| made.page.lines[*line].gap == 0)
}

/// Gives a headline to an article that has none, or to one whose headline stands right beside it:
/// then they are two lines of one headline.
fn take(
    made: &mut Drafts<'_, '_>,
    around: &Around,
    index: &Index,
    pair: &Pair,
    owners: &mut [Option<usize>],
) {
    if owners[pair.head].is_some() {
        return;
    }
    let draft = &made.drafts[pair.draft];
    if draft.headline.0 == 100 {
        return;
    }
    let beside = draft
        .heads
        .iter()
        .any(|head| is_beside(made, *head, pair.head));
    if !draft.heads.is_empty() && !beside {
        return;
    }
    // The second line of a headline beside it rather than the only one of an article elsewhere.
    if draft.heads.is_empty()
        && pair.score <= pair.share
        && let Some(other) = owner_beside(made, owners, index, pair)
    {
        add_line(made, pair.head, other, owners);
        return;
    }
    owners[pair.head] = Some(pair.draft);
    let distance = match (around.after(pair.head), around.before(pair.head)) {
        (Some(after), _) if after == pair.draft => "before it",
        (_, Some(before)) if before == pair.draft => "after it",
        _ => "far from it",
    };
    let mut why = format!(
        "stands {distance} and shares {:.0} % of its words with it",
        pair.share * 100.0
    );
    let is_narrow = pair.score < pair.rival + NARROW;
    if is_narrow {
        why += "; another article would fit about as well";
    }
    let draft = &mut made.drafts[pair.draft];
    if draft.heads.is_empty() {
        // The score has no upper bound that means certainty; these figures order headlines, no more.
        let sure = (40.0 + pair.score * 55.0).clamp(30.0, if is_narrow { DOUBT } else { 98.0 });
        draft.headline = (sure as u8, why);
    }
    draft.heads.push(pair.head);
}

/// One headline is left among others, and one report has none: they belong together.
fn take_last(made: &mut Drafts<'_, '_>, owners: &mut [Option<usize>]) {
    let is_among_others = |head: usize| {
        let owned = |other: Option<usize>| {
            other.is_some_and(|other| owners.get(other).copied().flatten().is_some())
        };
        made.fragments[head].kind == FragmentKind::Head
            && owners[head].is_none()
            && (owned(head.checked_sub(1)) || owned(Some(head + 1)))
    };
    let length = |head: &usize| {
        made.fragments[*head]
            .lines
            .iter()
            .map(|line| made.page.lines[*line].length)
            .sum::<usize>()
    };
    let left: Vec<usize> = (0..owners.len())
        .filter(|head| is_among_others(*head))
        .filter(|head| length(head) > LONGEST_COLUMN && !is_slogan(made, *head))
        .collect();
    let is_bare = |draft: &&usize| {
        made.drafts[**draft].heads.is_empty() && made.drafts[**draft].why == Why::Lead
    };
    let drafts: Vec<usize> = (0..made.drafts.len()).collect();
    let bare: Vec<usize> = drafts.iter().filter(is_bare).copied().collect();
    if let (&[head], &[draft]) = (left.as_slice(), bare.as_slice()) {
        made.drafts[draft].headline = (
            45,
            "the only headline left, and the only report without one".to_owned(),
        );
        add_line(made, head, draft, owners);
    }
}

/// The article of a headline right beside this one, if it shares about as many words with it.
fn owner_beside(
    made: &Drafts<'_, '_>,
    owners: &[Option<usize>],
    index: &Index,
    pair: &Pair,
) -> Option<usize> {
    let beside = [pair.head.checked_sub(1), Some(pair.head + 1)];
    let owner = beside.into_iter().flatten().find_map(|head| {
        let is_head = made
            .fragments
            .get(head)
            .is_some_and(|fragment| fragment.kind == FragmentKind::Head);
        owners.get(head).copied().flatten().filter(|_| is_head)
    })?;
    let shares = index.shares(&text(made.page, &made.fragments[pair.head]));
    let own = shares.iter().find(|(draft, _)| *draft == owner);
    (own.map_or(0.0, |(_, share)| *share) + 0.1 >= pair.share).then_some(owner)
}

fn add_line(made: &mut Drafts<'_, '_>, head: usize, draft: usize, owners: &mut [Option<usize>]) {
    owners[head] = Some(draft);
    made.drafts[draft].heads.push(head);
}

/// Whether nothing but blank lines stands between two pieces of headlines.
fn is_beside(made: &Drafts<'_, '_>, one: usize, other: usize) -> bool {
    let (first, last) = (one.min(other), one.max(other));
    last - first == 1 && made.fragments[first].kind == FragmentKind::Head
}

/// A byline belongs to the text after it if that begins an article, to the headline before it
/// otherwise, or else to the text before it.
fn place_bylines(made: &mut Drafts<'_, '_>, around: &Around, owners: &mut [Option<usize>]) {
    for byline in 0..made.fragments.len() {
        if made.fragments[byline].kind != FragmentKind::Byline {
            continue;
        }
        let next = around.after[byline].filter(|(draft, heads)| {
            let draft = &made.drafts[*draft];
            *heads == 0
                && !draft.bodies.is_empty()
                && (draft.bodies[0] > byline || around.inside(byline).is_some())
        });
        let headline = (0..byline)
            .rev()
            .take_while(|before| byline - before <= 2)
            .find_map(|before| owners[before]);
        let owner = next
            .map(|(draft, _)| draft)
            .or(headline)
            .or(around.before(byline))
            .or(around.after(byline));
        if let Some(owner) = owner {
            owners[byline] = Some(owner);
            made.drafts[owner].bylines.push(byline);
        }
    }
}

/// What is left: headings in an article's text, columns' names, and lines that are there to be
/// seen.
fn place_rest(made: &mut Drafts<'_, '_>, around: &Around, owners: &mut [Option<usize>]) {
    for fragment in 0..made.fragments.len() {
        let kind = made.fragments[fragment].kind;
        if owners[fragment].is_some() || !matches!(kind, FragmentKind::Head | FragmentKind::Column)
        {
            continue;
        }
        if kind == FragmentKind::Column || is_column_name(made, fragment) {
            place_column(made, around, fragment, owners);
        } else if let Some(draft) = around.inside(fragment) {
            owners[fragment] = Some(draft);
            made.drafts[draft].headings.push(fragment);
        } else {
            owners[fragment] = Some(made.drafts.len());
            made.drafts.push(Draft {
                heads: vec![fragment],
                why: Why::Slogan,
                headline: (50, "a line that belongs to no text".to_owned()),
                ..Draft::default()
            });
        }
    }
}

/// A short line before a headline or before an article.
fn is_column_name(made: &Drafts<'_, '_>, fragment: usize) -> bool {
    let lines = &made.fragments[fragment].lines;
    let next = made.fragments.get(fragment + 1).map(|next| next.kind);
    lines.len() == 1
        && made.page.lines[lines[0]].length <= LONGEST_COLUMN
        && !matches!(next, None | Some(FragmentKind::Caption))
}

fn place_column(
    made: &mut Drafts<'_, '_>,
    around: &Around,
    fragment: usize,
    owners: &mut [Option<usize>],
) {
    let headline = owners.get(fragment + 1).copied().flatten();
    let owner = headline.or_else(|| {
        around
            .after(fragment)
            .filter(|draft| begins_after(made, *draft, fragment))
    });
    let Some(draft) = owner else {
        made.columns.push(fragment);
        return;
    };
    owners[fragment] = Some(draft);
    // Of two names the one next to the headline is the column's; the other heads the page.
    if let Some(farther) = made.drafts[draft].columns.pop() {
        owners[farther] = None;
        made.columns.push(farther);
    }
    made.drafts[draft].columns.push(fragment);
}

/// A picture's text without a headline of its own belongs to the article around it, or to the one
/// before it if they share enough words.
fn place_captions(made: &mut Drafts<'_, '_>) {
    let texts: Vec<String> = made
        .drafts
        .iter()
        .map(|draft| body_text(made, draft))
        .collect();
    let index = Index::new(texts.iter().map(String::as_str));
    let mut draft_of = vec![None; made.fragments.len()];
    for (number, draft) in made.drafts.iter().enumerate() {
        draft
            .bodies
            .iter()
            .for_each(|body| draft_of[*body] = Some(number));
    }
    for number in 0..made.drafts.len() {
        let draft = &made.drafts[number];
        let &[caption] = draft.captions.as_slice() else {
            continue;
        };
        if draft.why != Why::Caption || !draft.heads.is_empty() || !draft.columns.is_empty() {
            continue;
        }
        let before = caption.checked_sub(1).and_then(|before| draft_of[before]);
        let after = draft_of.get(caption + 1).copied().flatten();
        let owner = before.filter(|before| {
            after == Some(*before) || shares_words(made, &index, caption, *before)
        });
        if let Some(owner) = owner {
            made.drafts[owner].captions.push(caption);
            made.drafts[number].captions.clear();
        }
    }
}

/// A third of the words of a picture's text, and no other article has more of them.
fn shares_words(made: &Drafts<'_, '_>, index: &Index, caption: usize, draft: usize) -> bool {
    let shares = index.shares(&text(made.page, &made.fragments[caption]));
    let best = shares.iter().map(|(_, share)| *share).fold(0.0, f64::max);
    let own = shares.iter().find(|(place, _)| *place == draft);
    own.is_some_and(|(_, share)| *share >= 0.3 && *share >= best)
}

fn body_text(made: &Drafts<'_, '_>, draft: &Draft) -> String {
    let bodies = draft.bodies.iter();
    bodies
        .map(|fragment| text(made.page, &made.fragments[*fragment]))
        .collect()
}
