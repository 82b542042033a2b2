//! What the keys of the dictionary cost.

use std::collections::{BTreeMap, BTreeSet};

use backfile_core::format::bits::rice_bits;

use super::codes::{gamma, interpolative, varbyte};
use super::heads::Bits;
use super::index::{Index, class};

/// How a key differs from the one before it in its leaf.
struct Step {
    class: usize,
    leaf: u32,
    /// What it costs as it is written.
    today: u64,
    /// As two varints and bytes.
    bytes: u64,
    shared: u64,
    /// Characters behind the shared ones.
    more: u64,
    /// From the character before to the first that differs, by code point and by rank.
    by_code_point: u32,
    by_rank: u32,
    /// Ranks of the characters behind that one.
    rest: Vec<u32>,
    /// Ranks, if the key has two characters.
    pair: Option<[u32; 2]>,
}

/// The ways to write keys, with their bits.
pub(crate) fn costs(index: &Index) -> Vec<(&'static str, Bits)> {
    let alphabet = alphabet(index);
    let steps = steps(index, &alphabet);
    let rank_bits = u64::from((alphabet.len() as u32).max(2).ilog2() + 1);
    let shape = |step: &Step| match (step.shared, step.more) {
        (1, 1) => 1,
        (shared, more) => 1 + gamma(shared) + gamma(more.max(1) - 1),
    };
    let ideal = ideal_bits(&steps);
    let fixed_rest = |step: &Step| step.rest.len() as u64 * rank_bits;
    let sum = |cost: &dyn Fn(&Step) -> u64| {
        let mut bits = Bits::default();
        steps.iter().for_each(|step| bits[step.class] += cost(step));
        bits
    };
    let k_code_point = best_parameter(steps.iter().map(|step| step.by_code_point));
    let k_rank = best_parameter(steps.iter().map(|step| step.by_rank));
    let by_leaf = best_by_leaf(&steps);
    let plain = |step: &Step| shape(step) + fixed_rest(step);
    let parameters = by_leaf.len() as u64 * 5;
    let mut leaves = sum(&|step| plain(step) + rice(step.by_rank, by_leaf[&step.leaf]));
    leaves[0] += parameters;
    vec![
        (
            "code points, Rice, two k by leaf (today)",
            sum(&|step| step.today),
        ),
        ("two varints, bytes", sum(&|step| step.bytes)),
        (
            "code points, gamma",
            sum(&|step| plain(step) + gamma(u64::from(step.by_code_point))),
        ),
        (
            "code points, Rice, one k",
            sum(&|step| plain(step) + rice(step.by_code_point, k_code_point)),
        ),
        (
            "ranks, gamma",
            sum(&|step| plain(step) + gamma(u64::from(step.by_rank))),
        ),
        (
            "ranks, Rice, one k",
            sum(&|step| plain(step) + rice(step.by_rank, k_rank)),
        ),
        ("ranks, Rice, k by leaf", leaves),
        (
            "ranks, gamma; rest by ideal code of characters",
            sum(&|step| {
                let rest: f64 = step.rest.iter().map(|rank| ideal[rank]).sum();
                shape(step) + gamma(u64::from(step.by_rank)) + rest as u64
            }),
        ),
        (
            "second ranks as an interpolative set; others ranks, gamma",
            sets(&steps, alphabet.len(), &plain),
        ),
    ]
}

fn alphabet(index: &Index) -> BTreeMap<char, u32> {
    let all: BTreeSet<char> = index
        .entries
        .iter()
        .flat_map(|entry| entry.key.chars())
        .collect();
    all.into_iter().zip(0..).collect()
}

fn steps(index: &Index, alphabet: &BTreeMap<char, u32>) -> Vec<Step> {
    let (mut before, mut leaf) = ("", u32::MAX);
    let mut steps = Vec::new();
    for entry in &index.entries {
        if entry.leaf != leaf {
            (before, leaf) = ("", entry.leaf);
        }
        let same = before.bytes().zip(entry.key.bytes());
        let shared = same.take_while(|(a, b)| a == b).count();
        let own = (entry.key.len() - shared) as u64;
        let bytes = varbyte(shared as u64) + varbyte(own) + 8 * own;
        let shared = before
            .chars()
            .zip(entry.key.chars())
            .take_while(|(a, b)| a == b)
            .count();
        let ranks: Vec<u32> = entry.key.chars().map(|c| alphabet[&c]).collect();
        let next = entry.key.chars().nth(shared).unwrap_or('\0');
        // At the same place the character before is lower, or there is none.
        let last = before.chars().nth(shared);
        let last_rank = last.map_or(0, |last| alphabet[&last] + 1);
        steps.push(Step {
            class: class(entry.documents.len()),
            leaf,
            today: entry.key_bits,
            bytes,
            shared: shared as u64,
            more: (ranks.len() - shared) as u64,
            by_code_point: next as u32 - last.map_or(0, |last| last as u32 + 1),
            by_rank: ranks.get(shared).map_or(0, |rank| rank - last_rank),
            rest: ranks.get(shared + 1..).unwrap_or(&[]).to_vec(),
            pair: ranks.try_into().ok(),
        });
        before = &entry.key;
    }
    steps
}

fn rice(value: u32, k: u32) -> u64 {
    u64::from(rice_bits(value, k))
}

fn best_parameter(values: impl Iterator<Item = u32> + Clone) -> u32 {
    let cost = |k: u32| values.clone().map(|value| rice(value, k)).sum::<u64>();
    (0..20).min_by_key(|&k| cost(k)).unwrap_or(0)
}

fn best_by_leaf(steps: &[Step]) -> BTreeMap<u32, u32> {
    let leaves = steps.chunk_by(|a, b| a.leaf == b.leaf);
    leaves
        .map(|leaf| {
            (
                leaf[0].leaf,
                best_parameter(leaf.iter().map(|step| step.by_rank)),
            )
        })
        .collect()
}

/// What each character would cost in an ideal code for all that are written in full.
fn ideal_bits(steps: &[Step]) -> BTreeMap<u32, f64> {
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    steps
        .iter()
        .flat_map(|step| &step.rest)
        .for_each(|&rank| *counts.entry(rank).or_default() += 1);
    let all = counts.values().sum::<u64>() as f64;
    counts
        .into_iter()
        .map(|(rank, count)| (rank, (all / count as f64).log2()))
        .collect()
}

/// Keys of two characters by their first: how many, and the set of the second characters.
fn sets(steps: &[Step], alphabet: usize, plain: &dyn Fn(&Step) -> u64) -> Bits {
    let mut bits = Bits::default();
    let same = |a: &Step, b: &Step| match (a.pair, b.pair) {
        (Some([a_first, _]), Some([b_first, _])) => a.leaf == b.leaf && a_first == b_first,
        _ => false,
    };
    for run in steps.chunk_by(same) {
        let seconds: Vec<u64> = run
            .iter()
            .filter_map(|s| Some(u64::from(s.pair?[1])))
            .collect();
        if seconds.len() < run.len() {
            run.iter()
                .for_each(|s| bits[s.class] += plain(s) + gamma(u64::from(s.by_rank)));
            continue;
        }
        let head = 1 + gamma(u64::from(run[0].by_rank)) + gamma(run.len() as u64 - 1);
        let all = head + interpolative(&seconds, 0, alphabet as u64 - 1);
        // Shared out evenly, the rest to the first.
        let each = all / run.len() as u64;
        run.iter().for_each(|step| bits[step.class] += each);
        bits[run[0].class] += all - each * run.len() as u64;
    }
    bits
}
