// The page's text helpers, bundled on the fly: no browser is needed for them.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { before, test } from 'node:test';
import { ROOT } from './support.mjs';

const { build } = createRequire(path.join(ROOT, 'www/package.json'))('esbuild');
let page;

async function bundle(name) {
  const { outputFiles } = await build({ entryPoints: [path.join(ROOT, `www/src/page/${name}.ts`)], bundle: true, write: false, format: 'esm' });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

before(async () => {
  const modules = await Promise.all(['text', 'dates', 'links', 'strings', 'filters'].map(bundle));
  page = Object.assign({}, ...modules);
});

test('line ends of columns vanish between wide characters and stay spaces between words', () => {
  const joined = (...texts) => page.joinColumns(texts.map((text, index) => ({ text, hit: index % 2 === 1 }))).map(({ text }) => text);
  assert.deepEqual(joined('白蓼河\n水文站'), ['白蓼河水文站']);
  assert.deepEqual(joined('水位 \n  2.12米'), ['水位2.12米']);
  assert.deepEqual(joined('Reed\nFerry'), ['Reed\nFerry']);
  assert.deepEqual(joined('观测\n', '水位', '\n上涨'), ['观测', '水位', '上涨']);
  assert.deepEqual(joined('Reed\n', 'Ferry', '\nBridge'), ['Reed\n', 'Ferry', '\nBridge']);
  assert.deepEqual(joined('“好。”\n\n他说'), ['“好。”他说']);
  assert.deepEqual(joined('\n开头'), ['开头']);
});

test('a result has the language of its script', () => {
  assert.equal(page.languageOf('苇渡大桥', 'zh-CN'), 'zh-CN');
  assert.equal(page.languageOf('苇渡の橋はきれいです', 'zh-CN'), 'ja');
  assert.equal(page.languageOf('苇渡大桥通车，来信写着“ありがとう”，大家都很高兴，奔走相告。', 'zh-CN'), 'zh-CN');
  assert.equal(page.languageOf('갈대나루 다리', 'zh-CN'), 'ko');
  assert.equal(page.languageOf('Reed Ferry Bridge', 'zh-CN'), 'en');
  assert.equal(page.languageOf('Reed Ferry Bridge', 'fr'), 'fr');
  assert.equal(page.languageOf('38.62', ''), '');
});

test('dates are written out as far as they are known', () => {
  assert.equal(page.longDate('2021-05-14', 'zh'), '2021年5月14日');
  assert.equal(page.longDate('2021-05', 'en'), 'May 2021');
  assert.equal(page.longDate('2021-05-14', 'en-US'), '14 May 2021'); // as the builder has it
  assert.equal(page.longDate('2021', 'en'), '2021');
  assert.equal(page.longDate('2021-13-40', 'en'), '2021-13-40');
  assert.equal(page.longDate('spring', 'en'), 'spring');
});

test('only web addresses become links', () => {
  const link = (url) => page.safeLink(url, 'https://a.example/x/');
  assert.equal(link('1.html'), 'https://a.example/x/1.html');
  assert.equal(link('/1.html'), 'https://a.example/1.html');
  assert.equal(link('http://b.example/'), 'http://b.example/');
  for (const url of ['', 'javascript:alert(1)', ' JavaScript:alert(1)', 'java\nscript:alert(1)', 'data:text/html,1', 'vbscript:1', 'file:///etc/passwd', 'http://']) assert.equal(link(url), undefined, url);
});

test('the page speaks Chinese of the right script, or English', () => {
  const says = (language) => page.stringsFor(language).filters;
  for (const language of ['zh', 'zh-CN', 'zh-SG', 'zh-Hans-HK']) assert.equal(says(language), '筛选', language);
  for (const language of ['zh-Hant', 'zh-TW', 'zh-hk', 'zh-MO', 'zh-Hant-CN']) assert.equal(says(language), '篩選', language);
  for (const language of ['', 'en-US', 'ja', 'zha']) assert.equal(says(language), 'Filters', language);
  assert.equal(page.stringsFor('zh-TW').language, 'zh-TW');
  assert.equal(page.stringsFor('zh-TW').nothing('甲'), '沒有一篇包含「甲」');
});

test('filters of dates are kept beside those of fields, unless the archive has fields of that name', () => {
  const archive = { facets: ['place'], firstDate: '2019' };
  const filters = { from: ['2020'], place: ['a'], utm: ['x'] };
  assert.deepEqual(page.known(filters, archive), { from: ['2020'], place: ['a'] });
  assert.deepEqual(page.known(filters, { facets: ['from'] }), { from: ['2020'] });
  assert.deepEqual(page.rangeOf({ facets: ['from'], firstDate: '2019' }), ['to']);
  assert.deepEqual(page.rangeOf({ facets: [] }), []);
  assert.deepEqual(page.limited(filters, 'from', ''), { place: ['a'], utm: ['x'] });
  assert.deepEqual(page.limited({}, 'to', '2024-06-28'), { to: ['2024-06-28'] });
});
