// Filters and counts: one engine in three homes, and the search page that offers them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { AXE, backfile, blankPage, isBlock, launch, openPage, settled, smallArchive, startHost, titles } from './support.mjs';

const SECTIONS = ['要闻', '本地', '副刊'];
const PLACES = ['区 ▸ 镇 ▸ 村', '区 ▸ 乡', '县'];
const DAYS = ['2022-11-03', '2023-01-01', '2024-02', '2024-02-29', undefined];

/** Enough that its index does not come with the manifest. */
const DOCUMENTS = Array.from({ length: 900 }, (_, number) => ({
  id: `d${String(number).padStart(4, '0')}`,
  url: number % 7 === 0 ? 'https://example.org/' : `articles/${number}.html${(number * 7919) % 11 < 4 ? '#a' : ''}`,
  title: `第${number}号`,
  date: DAYS[number % DAYS.length],
  body: `${'春耕大桥通车戏台'.slice(number % 5)}，${String.fromCodePoint(0x4e00 + ((number * 7919) % 20000), 0x4e00 + ((number * 104729) % 20000))}`.repeat(1 + (number % 4)),
  section: SECTIONS[(number * number) % 3],
  place: [PLACES[number % 3]],
  page: 1 + (number % 4),
  ...(number % 10 === 1 && { reprint_of: `d${String(number - 1).padStart(4, '0')}` }),
}));

const CASES = [
  ['春耕', { filters: { section: ['要闻'] }, facets: ['section', 'date', 'place'] }],
  ['大桥', { filters: { place: ['区'], page: ['1', '3'] }, facets: ['place', 'page'], facetLimit: 2 }],
  ['', { filters: { date: ['2024', '2022-11'] }, facets: ['date'], limit: 20 }],
  ['', { from: '2023', to: '2024-02', limit: 5, offset: 5 }],
  ['戏台 大桥', { from: '2024-02-29', filters: { section: ['副刊', '本地'] } }],
  ['春耕', { filters: { section: ['没有'] }, facets: ['section'] }],
  ['', { facets: ['section'] }],
];

let browser;
let host;
let site;
let inNode;
const later = [];

before(async () => {
  site = smallArchive({ after: (run) => later.push(run) }, DOCUMENTS, '--language', 'zh-CN');
  browser = await launch();
  host = await startHost(site);
  inNode = await (await import(pathToFileURL(path.join(site, 'backfile/backfile.js')))).openArchive();
});
after(async () => {
  inNode?.close();
  await browser?.close();
  await host?.close();
  later.forEach((run) => run());
});

function native(query, { filters = {}, facets = [], facetLimit, ...options }) {
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  for (const [field, values] of Object.entries(filters)) for (const value of values) flags.push('--filter', `${field}=${value}`);
  if (facets.length > 0) flags.push('--facets', facets.join(','));
  if (facetLimit) flags.push('--facet-limit', String(facetLimit));
  return JSON.parse(backfile('search', site, '--json', ...flags, ...(query ? ['--', query] : [])));
}

test('Node and Chromium filter and count like the native command', async (t) => {
  const page = await blankPage(t, browser, host);
  const answers = await page.evaluate(async (cases) => {
    const archive = await (await import('/backfile/backfile.js')).openArchive();
    return Promise.all(cases.map(([query, options]) => archive.search(query, options)));
  }, CASES);
  for (const [index, [query, options]] of CASES.entries()) {
    const expected = await inNode.search(query, options);
    assert.deepEqual(answers[index], expected);
    if (query || options.filters || options.from) assert.deepEqual(expected, native(query, options), JSON.stringify(options));
  }
  assert.deepEqual((await inNode.search(...CASES[5])).facets[0].values.map(({ count }) => count), [0, 1, 2].map(count).sort((a, b) => b - a).filter(Boolean));
});

/** Of the query 春耕, by section. */
const count = (at) => DOCUMENTS.filter(({ body, section }) => body.includes('春耕') && section === SECTIONS[at]).length;

test('hits in a text are where a search marks them, counted as JavaScript counts', async (t) => {
  const texts = ['𠀀春\n耕，大桥', '“大”桥', ''];
  const expected = [[[2, 5], [6, 8]], [[1, 4]], []];
  assert.deepEqual(await inNode.hits('春耕 大桥', texts), expected);
  const page = await blankPage(t, browser, host);
  const answers = await page.evaluate(async (texts) => (await (await import('/backfile/backfile.js')).openArchive()).hits('春耕 大桥', texts), texts);
  assert.deepEqual(answers, expected);
  const { results } = await inNode.search('春耕', { limit: 50 });
  for (const { excerpt } of results) {
    const text = excerpt.map((piece) => piece.text).join('');
    const marked = (await inNode.hits('春耕', [text]))[0].map(([start, end]) => text.slice(start, end));
    assert.equal(marked.join(''), excerpt.filter(({ hit }) => hit).map((piece) => piece.text).join(''));
  }
});

test('counts are not asked for before the filters are opened', async (t) => {
  const page = await openPage(t, browser, host, { address: '/?q=春耕' });
  await page.locator('.result').first().waitFor();
  await page.waitForTimeout(300);
  const before = host.asked.filter((asked) => isBlock(asked.split(' ')[0])).length;
  await page.locator('#filters-label').click();
  await page.locator('#facets fieldset').first().waitFor();
  assert.ok(host.asked.filter((asked) => isBlock(asked.split(' ')[0])).length > before);
});

test('filters are chosen, kept in the address, nested, and taken back', async (t) => {
  const page = await openPage(t, browser, host, { address: '/?q=春耕' });
  await page.locator('.result').first().waitFor();
  await page.locator('#filters-label').focus();
  await page.keyboard.press('Enter');
  const box = (field, value) => page.locator(`input[data-key="${field}=${value}"]`);
  await box('place', '区').focus();
  await page.keyboard.press('Space');
  await box('place', '区 ▸ 镇').waitFor();
  assert.ok(await page.evaluate(() => document.activeElement.dataset.key === 'place=区'), 'the focus stays');
  await box('place', '区 ▸ 镇').check();
  assert.deepEqual(new URL(page.url()).searchParams.getAll('place'), ['区 ▸ 镇']);
  const expected = await inNode.search('春耕', { prefix: true, filters: { place: ['区 ▸ 镇'] } });
  await settled(page, `共 ${expected.total} 篇`);
  await page.reload();
  await settled(page, `共 ${expected.total} 篇`);
  await page.locator('#chosen button').click();
  await settled(page, `共 ${(await inNode.search('春耕')).total} 篇`);
  assert.equal(new URL(page.url()).search, `?q=${encodeURIComponent('春耕')}`);
  assert.ok(await page.locator('#chosen').isHidden());
});

test('a first and a last date are chosen, counted with, kept in the address, and taken back', async (t) => {
  const page = await openPage(t, browser, host, { address: '/?q=大桥' });
  await page.locator('.result').first().waitFor();
  await page.locator('#filters-label').click();
  const wanted = async (options) => {
    const { total, facets } = await inNode.search('大桥', { prefix: true, facets: ['section'], ...options });
    await settled(page, `共 ${total} 篇`);
    for (const { value, count } of facets[0].values) {
      const label = page.locator('#facets label', { has: page.locator(`[data-key="section=${value}"]`) });
      await label.locator('.count', { hasText: new RegExp(`^${count}$`) }).waitFor();
    }
  };
  await page.locator('#from').fill('2022-12-31');
  await wanted({ from: '2022-12-31' });
  await page.locator('#to').fill('2023-12-31');
  await wanted({ from: '2022-12-31', to: '2023-12-31' });
  assert.equal(new URL(page.url()).searchParams.get('to'), '2023-12-31');
  await page.locator('#to').press('/');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'to', 'slashes belong to dates');
  await page.reload();
  await page.locator('#filters-label').click();
  await wanted({ from: '2022-12-31', to: '2023-12-31' });
  assert.equal(await page.locator('#from').inputValue(), '2022-12-31');
  await page.locator('#chosen button', { hasText: '起始日期: 2022年12月31日' }).click();
  await wanted({ to: '2023-12-31' });
  assert.equal(await page.locator('#from').inputValue(), '');
  assert.equal(new URL(page.url()).searchParams.get('from'), null);
  await page.locator('#to').fill('2022-11-02');
  await settled(page, '共 0 篇');
  assert.ok(await page.locator('#hint').isHidden(), 'the words are not to blame');
});

test('results of this site get the query, others do not', async (t) => {
  const page = await openPage(t, browser, host, { address: '/?q=大桥' });
  await page.locator('.result').first().waitFor();
  for (let more = 0; more < 3; more++) {
    const shown = await page.locator('.result').count();
    await page.locator('#more').click();
    await page.waitForFunction((shown) => document.querySelectorAll('.result').length > shown, shown);
  }
  const query = encodeURIComponent('大桥');
  const links = await page.locator('a.entry').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  for (const link of links) {
    const isForeign = link.startsWith('https://example.org');
    assert.ok(isForeign ? !link.includes('q=') : link.endsWith(link.includes('#a') ? `#a&q=${query}` : `.html#q=${query}`), link);
  }
  assert.ok(links.some((link) => link.includes('#a&q=')) && links.some((link) => link.includes('.html#q=')));
});

test('what was printed again is a line below what was listed first', async (t) => {
  const page = await openPage(t, browser, host, { address: '/?section=要闻&q=第1号' });
  const expected = await inNode.search('', { filters: { date: ['2022', '2023'] }, limit: 10 });
  const pairs = expected.results.filter(({ meta }) => meta.reprint_of && expected.results.some(({ id }) => id === meta.reprint_of));
  await page.goto(`${host.origin}/?date=2022&date=2023`);
  await page.locator('.result').first().waitFor();
  assert.equal((await titles(page)).length, expected.results.length - pairs.length);
  assert.equal(await page.locator('.again').count(), pairs.length);
  await settled(page, `共 ${expected.total} 篇`);
});

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 360]) {
    test(`open filters have no accessibility or policy violations, ${colorScheme}, ${width} pixels`, async (t) => {
      const page = await openPage(t, browser, host, { address: '/?q=春耕&section=要闻&date=2022', colorScheme, viewport: { width, height: 900 } });
      await page.locator('.result').first().waitFor();
      await page.locator('#filters-label').click();
      await page.locator('#facets fieldset').first().waitFor();
      await page.evaluate(readFileSync(AXE, 'utf8'));
      const { violations } = await page.evaluate(() => axe.run({ resultTypes: ['violations'] }));
      assert.deepEqual(violations.map(({ id, nodes }) => `${id} ${nodes.map((node) => node.html)}`), []);
      assert.deepEqual(await page.evaluate(() => globalThis.violations), []);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    });
  }
}
