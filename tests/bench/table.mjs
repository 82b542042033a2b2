// One Markdown table of all engines.
import { mean, percentile } from './measure.mjs';

const number = (value, digits = 0) => value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const megabytes = (bytes) => number(bytes / 1e6, 1);

/** Truth and answer of each query that was asked warm. */
function pairs({ warm }, truth) {
  return warm?.samples.map((sample) => ({ ...sample, truth: truth.get(sample.q) }));
}

const sameCount = ({ total, truth }) => total === truth.count;

function recall(samples) {
  return mean(samples.filter(({ truth }) => truth.count > 0).map(({ total, truth }) => Math.min(1, total / truth.count)));
}

/** Of the first ten, the share that is true; queries whose ids are not all known do not count. */
function precision(samples) {
  const known = samples.filter(({ truth, ids }) => truth.complete && ids.length > 0);
  return mean(known.map(({ truth, ids }) => ids.filter((id) => truth.ids.has(id)).length / ids.length));
}

const built = (show) => (engine) => (engine.built.shared ? 'as before' : show(engine));

/** Two percentiles, and of how many searches if the budget or the patience ended first. */
function both(samples, field, shares, show, wanted = 0) {
  if (!samples) return undefined;
  const [middle, end] = shares.map((share) => percentile(samples.map((sample) => sample[field]), share));
  const late = samples.some((sample) => sample.late) ? ', not all came to an end' : '';
  const fewer = samples.length < wanted ? `, of ${samples.length}` : '';
  return `${show(middle)}; ${show(end)}${fewer}${late}`;
}

const ROWS = [
  ['build, s', built(({ built: { seconds } }) => number(seconds, 2))],
  ['build, peak memory, MB', built(({ built: { peak } }) => (peak ? number(peak / 1e6) : 'not measured here'))],
  ['files', built(({ published }) => number(published.files))],
  ['published, MB', built(({ published }) => megabytes(published.bytes))],
  ['cold search, bytes, median; 95 %', ({ fast, wanted }) => both(fast, 'bytes', [0.5, 0.95], number, wanted)],
  ['cold search, requests, median; 95 %', ({ fast, wanted }) => both(fast, 'requests', [0.5, 0.95], number, wanted)],
  ['cold search, ms, median; 95 %', ({ fast, wanted }) => both(fast, 'milliseconds', [0.5, 0.95], number, wanted)],
  ['the same, 1.6 Mbit/s, 150 ms', ({ slow, wanted }) => both(slow, 'milliseconds', [0.5, 0.95], number, wanted)],
  ['warm search, ms, median; 99 %', ({ warm }) => both(warm?.samples, 'milliseconds', [0.5, 0.99], (value) => number(value, 1))],
  ['memory of the page after all queries, MB', ({ warm }) => warm && (warm.memory ? megabytes(warm.memory) : 'not measured here')],
  ['queries with the true count', (engine, truth) => pairs(engine, truth) && `${pairs(engine, truth).filter(sameCount).length} of ${engine.warm.samples.length}`],
  ['recall, by counts', (engine, truth) => pairs(engine, truth) && number(recall(pairs(engine, truth)), 3)],
  ['precision of the first ten', (engine, truth) => pairs(engine, truth) && number(precision(pairs(engine, truth)) ?? NaN, 3)],
];

/** Why an engine has no figure stands below the table. */
function cell(engine, show, truth) {
  if (engine.built.failed) return 'failed';
  return show(engine, truth) ?? 'failed';
}

export function table(engines, truth) {
  const head = ['', ...engines.map(({ title }) => title)];
  const lines = ROWS.map(([name, show]) => [name, ...engines.map((engine) => cell(engine, show, truth))]);
  const rule = head.map((_, index) => (index ? '---:' : '---'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ').replaceAll('\n', ' ')} |`).join('\n');
}

/** Why something is missing, and what is asked of Backfile alone, as sentences. */
export function remarks(engines, { stops, memory, native, issue }) {
  const lines = engines.filter(({ failed }) => failed).map(({ title, failed }) => `${title}, failed: ${failed}.`);
  if (stops?.length) {
    const shown = stops.map(({ q, bytes, requests }) => `${q} ${number(bytes)} in ${requests}`);
    lines.push(`Backfile, commonest terms, bytes and requests after the start: ${shown.join(', ')}.`);
  }
  if (memory) {
    const shown = memory.map(({ queries, bytes }) => `${number(bytes / 1e6, 1)} after ${number(queries)}`);
    lines.push(`Backfile, memory of the engine over different queries, MB: ${shown.join(', ')}.`);
  }
  if (native) lines.push(`Backfile, warm search without a browser, ms, median; 99 %: ${number(native.ms50, 2)}; ${number(native.ms99, 2)}.`);
  if (issue?.failed) lines.push(`Backfile, an issue added to a site with its pages, failed: ${issue.failed}.`);
  else if (issue) lines.push(`Backfile with the pages of a site, the issue of ${issue.date} added (${issue.documents} documents): ${costOf(issue)}.`);
  return lines.join('\n\n');
}

function costOf({ files, bytes, of, seconds }) {
  const share = number((100 * bytes) / of, 2);
  return `${number(files)} files with ${number(bytes)} of ${number(of)} bytes are new or other, ${share} %; ${number(seconds.more, 1)} s, and ${number(seconds.all, 1)} s for all before`;
}
